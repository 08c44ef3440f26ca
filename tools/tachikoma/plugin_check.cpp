// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "exit_codes.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "session.hpp"
#include "table.hpp"
#include "verbs.hpp"
#include "width.hpp"

#include <tachikoma/plugin_check.hpp>

namespace tachikoma::cli {
namespace {

using Results = std::vector<CheckResult>;

std::size_t count_of(const Results& results, CheckStatus status) {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [&](const CheckResult& each) { return each.status == status; }));
}

std::string text_or_reason(const CheckResult& result) {
  if (result.status == CheckStatus::pass) return std::string(result.check.shows);
  std::string text = result.reason;
  if (result.status == CheckStatus::fail) text += "; " + std::string(result.check.hint);
  return text;
}

std::string in_words(const Results& results, std::size_t room) {
  std::vector<std::vector<std::string>> rows;
  for (const CheckResult& each : results)
    rows.push_back({std::string(to_string(each.status)), std::string(each.check.name), text_or_reason(each)});
  return table(rows, {.prose = 2, .heading = false}, room) + "\n" +
         std::to_string(count_of(results, CheckStatus::pass)) + " passed, " +
         std::to_string(count_of(results, CheckStatus::fail)) + " failed, " +
         std::to_string(count_of(results, CheckStatus::skip)) + " skipped\n";
}

Value value_of(const CheckResult& result) {
  return Value::object({{"name", result.check.name},
                        {"status", to_string(result.status)},
                        {"shows", result.check.shows},
                        {"reason", result.reason.empty() ? Value() : Value(result.reason)},
                        {"hint", result.status == CheckStatus::fail ? Value(result.check.hint) : Value()},
                        {"seconds", std::chrono::duration<double>(result.time).count()}});
}

Value value_of(const std::string& file, const Results& results) {
  const auto count = [&](CheckStatus status) { return static_cast<std::int64_t>(count_of(results, status)); };
  return Value::object(
      {{"file", file},
       {"passed", count(CheckStatus::pass)},
       {"failed", count(CheckStatus::fail)},
       {"skipped", count(CheckStatus::skip)},
       {"checks", base::array_of(results, [](const auto& each) { return value_of(each); })}});
}

std::string in_xml(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    if (c == '&')
      xml += "&amp;";
    else if (c == '<')
      xml += "&lt;";
    else if (c == '"')
      xml += "&quot;";
    else
      xml += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // XML 1.0 has no place for the others
  }
  return xml;
}

std::string in_seconds(std::chrono::milliseconds time) {
  const std::string thousandths = std::to_string(time.count() % 1000 + 1000);
  return std::to_string(time.count() / 1000) + "." + thousandths.substr(1);
}

std::string test_case(const std::string& file, const CheckResult& result) {
  const std::string head = "  <testcase classname=\"" + in_xml(file) + "\" name=\"" +
                           in_xml(result.check.name) + "\" time=\"" + in_seconds(result.time) + "\"";
  if (result.status == CheckStatus::pass) return head + "/>\n";
  const std::string kind = result.status == CheckStatus::fail ? "failure" : "skipped";
  const std::string body = result.status == CheckStatus::fail ? in_xml(result.check.hint) : "";
  return head + ">\n    <" + kind + " message=\"" + in_xml(result.reason) + "\">" + body + "</" + kind +
         ">\n  </testcase>\n";
}

// The form in which test runners exchange results.
std::string in_junit(const std::string& file, const Results& results) {
  std::chrono::milliseconds time{0};
  for (const CheckResult& each : results) time += each.time;
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"tachikoma plugin check\" tests=\"" +
      std::to_string(results.size()) + "\" failures=\"" +
      std::to_string(count_of(results, CheckStatus::fail)) + "\" skipped=\"" +
      std::to_string(count_of(results, CheckStatus::skip)) + "\" time=\"" + in_seconds(time) + "\">\n";
  for (const CheckResult& each : results) xml += test_case(file, each);
  return xml + "</testsuite>\n";
}

Status write_file(const std::string& name, const std::string& text) {
  std::ofstream file(name);
  if (file << text << std::flush) return Done{};
  return Error(ErrorCode::invalid_argument, "the file '" + name + "' of --junit can't be written",
               "name a file in an existing folder that you may write to");
}

// A name is one of the plugins that are found, as for `plugin info`.
Result<std::string> file_of(const Options& options) {
  if (options.subject.find('/') != std::string::npos || options.subject.ends_with(".so"))
    return options.subject;
  PluginRegistry registry = make_registry(options);
  TACHIKOMA_TRY(const PluginReport report, registry.find(options.subject));
  return report.file;
}

int run_plugin_check(const Options& options, Output& output) {
  const Result<std::string> file = file_of(options);
  if (!file) return output.fail(file.error());
  const Result<Results> results =
      check_plugin(*file, {.only = options.checks, .settings_file = options.settings_file});
  if (!results) return output.fail(results.error());
  if (options.json)
    output.print_json("plugin_check", value_of(*file, *results));
  else
    output.print_foreign(in_words(*results, output.room()));
  if (!options.junit.empty())
    if (const Status written = write_file(options.junit, in_junit(*file, *results)); !written)
      return output.fail(written.error());
  const bool failed = count_of(*results, CheckStatus::fail) > 0;
  return output.finish(failed ? exit_code(ErrorCode::plugin_fault) : 0);
}

void add_options(OptionSet& set, Options& options) {
  set.texts("--only", options.checks, "CHECK",
            "Only this check or group, and what it needs; may be repeated");
  set.text("--settings", options.settings_file, "FILE",
           "Settings of the plugin's component, as YAML or JSON");
  set.text("--junit", options.junit, "FILE", "Write the results there for a test runner, as JUnit's XML");
}

}  // namespace

const Verb kPluginCheck{
    .name = "plugin check",
    .brief = "Tries whether a plugin keeps its contract",
    .usage = "[OPTIONS] NAME|FILE",
    .summary =
        "Tries whether a plugin keeps the contract of plugins, by running it. Each check runs\n"
        "in a process of its own: a plugin that hangs or crashes only fails that check.",
    .example = R"(  tachikoma plugin check ./build/clock.so
  tachikoma plugin check ./build/mine.so --settings mine.yaml --only provider
)",
    .add_options = add_options,
    .words = Words::subject,
    .subject = "the name or the file of a plugin",
    .run = run_plugin_check};

}  // namespace tachikoma::cli
