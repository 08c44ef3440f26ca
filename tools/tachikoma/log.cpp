// SPDX-License-Identifier: MIT
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/generation_log.hpp"
#include "base/lists.hpp"
#include "base/numbers.hpp"
#include "base/try.hpp"
#include "log_entries.hpp"
#include "log_entry.hpp"
#include "log_page.hpp"
#include "log_stats.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::int64_t kListed = 20;

Result<std::vector<Value>> list_entries(const Options& options) {
  TACHIKOMA_TRY(base::Database log, open_log(options));
  std::string names = "id";
  for (const base::LogColumn& column : base::log_columns())
    if (column.form != base::LogColumn::Form::content) names.append(", ").append(column.name);
  Options chosen = options;
  if (!chosen.entries) chosen.entries = kListed;
  TACHIKOMA_TRY(base::Statement select, select_entries(log, names, chosen, "DESC"));
  std::vector<Value> entries;
  for (;;) {
    TACHIKOMA_TRY(const bool more, select.step());
    if (!more) return entries;
    Value entry = Value::object({{"id", select.column(0)}});
    int at = 0;
    for (const base::LogColumn& column : base::log_columns())
      if (column.form != base::LogColumn::Form::content) entry.add(column.name, select.column(++at));
    entries.push_back(std::move(entry));
  }
}

// Today's time, or another day.
std::string when(double ms) {
  const std::chrono::duration<double, std::milli> now = std::chrono::system_clock::now().time_since_epoch();
  const char* const day = "%Y-%m-%d";
  return local_time(ms, local_time(ms, day) == local_time(now.count(), day) ? "%H:%M:%S" : "%m-%d %H:%M");
}

std::string tokens_of(const Value& entry) {
  const auto count = [&](const char* name) {
    return entry[name].is_integer() ? std::to_string(entry[name].as_integer()) : "-";
  };
  return count("prompt_tokens") + "+" + count("completion_tokens");
}

std::string list_text(const std::vector<Value>& entries, std::size_t room) {
  std::vector<std::vector<std::string>> rows{
      {"ID", "STARTED", "MODEL", "TOKENS", "TOKENS/S", "SECONDS", "FINISH"}};
  for (const Value& entry : entries) {
    const Value& speed = entry["tokens_per_second"];
    const Value& end = entry["finish"].is_null() ? entry["error_code"] : entry["finish"];
    rows.push_back({std::to_string(entry["id"].as_integer()), when(entry["started_at"].as_real()),
                    model_of(entry["provider"], entry["model"]), tokens_of(entry),
                    speed.is_number() ? base::decimal(speed.as_real()) : "-",
                    base::decimal(entry["total_ms"].as_real() / kMsPerSecond, 2),
                    std::string(end.as_string())});
  }
  return table(rows, {.right = {0, 3, 4, 5}, .names = {2}, .optional = {4, 3, 5, 1}, .least_name = 16}, room);
}

int run_log_list(const Options& options, Output& output) {
  const Result<std::vector<Value>> entries = list_entries(options);
  if (!entries) return output.fail(entries.error());
  if (options.json)
    output.print_json("log", Value::object({{"entries", base::array_of(*entries, entry_value)}}));
  else if (entries->empty())
    output.say("tachikoma: nothing in the log is of this kind");
  else
    output.print_foreign(list_text(*entries, output.room()));
  return output.finish(0);
}

Result<Value> entry_of(const Options& options) {
  std::optional<std::int64_t> id;
  if (std::int64_t number = 0; options.subject != "last") {
    if (!parse_number(options.subject, number))
      return Error(ErrorCode::invalid_argument, "'" + options.subject + "' is no entry of the log",
                   "give an id that `tachikoma log list` shows, or 'last'");
    id = number;
  }
  TACHIKOMA_TRY(base::Database log, open_log(options));
  TACHIKOMA_TRY(Value entry, find_entry(log, id));
  if (!entry.is_null()) return entry;
  return Error(ErrorCode::invalid_argument,
               id ? "the log has no entry " + options.subject : "the log has no entry yet",
               "`tachikoma log list` shows which there are");
}

int run_log_show(const Options& options, Output& output) {
  const Result<Value> entry = entry_of(options);
  if (!entry) return output.fail(entry.error());
  if (options.json)
    output.print_json("log_entry", entry_value(*entry));
  else
    output.print_prose(entry_text(*entry));
  return output.finish(0);
}

Result<std::vector<LoggedGeneration>> generations_of(const Options& options) {
  TACHIKOMA_TRY(base::Database log, open_log(options));
  return read_generations(log, options);
}

int run_log_stats(const Options& options, Output& output) {
  const Result<std::vector<LoggedGeneration>> generations = generations_of(options);
  if (!generations) return output.fail(generations.error());
  const LogStatistics statistics = statistics_of(*generations);
  if (!options.html.empty()) {
    const Status written = write_log_page(options.html, statistics, *generations);
    if (!written) return output.fail(written.error());
  }
  if (options.json)
    output.print_json("log_stats", to_value(statistics));
  else if (generations->empty())
    output.say("tachikoma: nothing in the log is of this kind");
  else if (options.html.empty())
    output.print_foreign(statistics_text(statistics, output.room()));
  return output.finish(0);
}

void add_log_filters(OptionSet& set, Options& options) {
  set.text("-m,--model", options.model, "MODEL", "Only of this model: an address, or its key");
  add_since(set, options);
}

void add_list_options(OptionSet& set, Options& options) {
  set.count("-n,--entries", options.entries, 1, "How many; 20");
  add_log_filters(set, options);
  set.flag("--failed", options.failed, "Only what failed");
  add_log_file(set, options);
}

void add_stats_options(OptionSet& set, Options& options) {
  add_log_filters(set, options);
  set.text("--html", options.html, "FILE", "Write a page with charts to this file");
  add_log_file(set, options);
}

}  // namespace

const Verb kLog{.name = "log",
                .brief = "Shows what was asked, how long it took, and what failed",
                .summary =
                    "Shows what was asked, how long it took, and what failed, if the configuration has\n"
                    "the monitor sqlite_log.",
                .example = R"(  tachikoma log list
)"};

const Verb kLogList{.name = "log list",
                    .brief = "The last generations, newest first",
                    .usage = "[OPTIONS]",
                    .summary = "Lists the last generations, newest first. - marks what is not known.",
                    .example = R"(  tachikoma log list -n 5
  tachikoma log list --failed --since 7d
)",
                    .add_options = add_list_options,
                    .run = run_log_list};

const Verb kLogShow{
    .name = "log show",
    .brief = "All that is known of one",
    .usage = "[OPTIONS] ID|last",
    .summary = "Shows all that is known of one generation, and what was said, if that is stored.",
    .example = R"(  tachikoma log show last
)",
    .add_options = add_log_file,
    .words = Words::subject,
    .subject = "the id of an entry, or 'last',",
    .run = run_log_show};

const Verb kLogStats{.name = "log stats",
                     .brief = "Requests, tokens, speed and times of each model",
                     .usage = "[OPTIONS]",
                     .summary = "Shows requests, tokens, speed and times, of each model and of all.",
                     .example = R"(  tachikoma log stats --since 30d
  tachikoma log stats --html stats.html
)",
                     .add_options = add_stats_options,
                     .run = run_log_stats};

}  // namespace tachikoma::cli
