// SPDX-License-Identifier: MIT
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "output.hpp"
#include "session.hpp"
#include "table.hpp"
#include "verbs.hpp"
#include "width.hpp"

#include <tachikoma/config.hpp>
#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

// A registry that also searches the folders of the configuration. Errors there don't prevent listing plugins:
// one that is refused may be the error. Only a file that --config names must exist.
Result<PluginRegistry> open_registry(const Options& options, Output& output) {
  PluginRegistry registry = make_registry(options);
  const Result<std::optional<std::string>> file = choose_config(options);
  if (!file) output.warn(file.error().message);
  if (!file || !*file) return registry;
  const std::vector<std::string> before = registry.search_path();
  const Result<Config> config = load_config(**file, registry);
  if (config) return registry;
  std::error_code ignored;
  if (!options.config.empty() && !std::filesystem::exists(options.config, ignored)) return config.error();
  const bool searched = registry.search_path() != before;
  output.warn("'" + **file + "' has errors, which `tachikoma config check " + **file + "` lists" +
              (searched ? "" : "; plugin folders that it names are not searched"));
  return registry;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

std::string status_of(const PluginReport& report) {
  return report.refused ? "refused" : !report.shadowed_by.empty() ? "shadowed" : "ok";
}

Value value_of(const PluginReport& report) {
  return Value::object({{"name", report.name},
                        {"version", report.version},
                        {"status", status_of(report)},
                        {"file", report.file},
                        {"provides", base::array_of(report.provides)},
                        {"description", report.description},
                        {"built_with", report.built_with},
                        {"config_schema", report.config_schema},
                        {"refused", report.refused ? error_value(*report.refused) : Value()},
                        {"shadowed_by", report.shadowed_by.empty() ? Value() : Value(report.shadowed_by)}});
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string list_text(const std::vector<PluginReport>& reports, std::size_t room) {
  std::vector<std::vector<std::string>> rows{{"NAME", "VERSION", "STATUS", "PROVIDES", "FILE"}};
  std::string reasons;
  for (const PluginReport& report : reports) {
    rows.push_back({report.name, or_dash(report.version), status_of(report), or_dash(joined(report.provides)),
                    report.file});
    if (report.refused) {
      reasons += "\n" + report.file + ": " + report.refused->message + "\n";
      if (!report.refused->hint.empty()) reasons += "  hint: " + report.refused->hint + "\n";
    } else if (!report.shadowed_by.empty()) {
      reasons += "\n" + report.file + ": not used, because " + report.shadowed_by + " is found earlier\n";
    }
  }
  return table(rows, {.names = {4}, .optional = {3, 1}}, room) + wrapped_text(reasons, room, 2);
}

std::string info_text(const PluginReport& report) {
  std::string text = "name         " + report.name + "\nversion      " + or_dash(report.version) +
                     "\nfile         " + report.file + "\nprovides     " + or_dash(joined(report.provides)) +
                     "\ndescription  " + or_dash(report.description) + "\nbuilt with   " +
                     or_dash(report.built_with) + "\nstatus       " + status_of(report) + "\n";
  if (!report.shadowed_by.empty()) text += "shadowed by  " + report.shadowed_by + "\n";
  for (const Member& schema : report.config_schema.members())
    text += "\nsettings of " + schema.key + " (JSON Schema):\n" + to_json(schema.value, 2) + "\n";
  return text;
}

int run_plugin_list(const Options& options, Output& output) {
  Result<PluginRegistry> registry = open_registry(options, output);
  if (!registry) return output.fail(registry.error());
  const std::vector<PluginReport> reports = registry->scan();
  if (options.json) {
    output.print_json("plugins", Value::object({{"plugins", base::array_of(reports, value_of)},
                                                {"search_path", base::array_of(registry->search_path())}}));
    return output.finish(0);
  }
  if (!reports.empty()) output.print_foreign(list_text(reports, output.room()));
  if (reports.empty()) output.say("tachikoma: no plugin in " + joined(registry->search_path()));
  return output.finish(0);
}

int run_plugin_info(const Options& options, Output& output) {
  Result<PluginRegistry> registry = open_registry(options, output);
  if (!registry) return output.fail(registry.error());
  const bool is_file = options.subject.find('/') != std::string::npos;
  const Result<PluginReport> report =
      registry->find(is_file ? std::filesystem::absolute(options.subject).string() : options.subject);
  if (!report) return output.fail(report.error());
  if (options.json)
    output.print_json("plugin", value_of(*report));
  else
    output.print_prose(info_text(*report));
  return output.finish(report->refused ? output.fail(*report->refused) : 0);
}

}  // namespace

const Verb kPlugin{.name = "plugin",
                   .brief = "Shows the plugins and what they provide",
                   .summary = "Shows the plugins and what they provide.",
                   .example = R"(  tachikoma plugin list
)"};

const Verb kPluginList{.name = "plugin list",
                       .brief = "All plugins that are found, including refused ones",
                       .usage = "[OPTIONS]",
                       .summary =
                           "Lists every plugin that is found, including refused ones with the reason.\n"
                           "Reads only the files' notes; runs none of their code.",
                       .example = R"(  tachikoma plugin list --plugin-path ./build/plugins
)",
                       .run = run_plugin_list};

const Verb kPluginInfo{.name = "plugin info",
                       .brief = "Everything in one plugin's note",
                       .usage = "[OPTIONS] NAME|FILE",
                       .summary = "Shows everything in one plugin's note.",
                       .example = R"(  tachikoma plugin info lmstudio
  tachikoma plugin info ./build/plugins/mine.so
)",
                       .words = Words::subject,
                       .subject = "the name or the file of a plugin",
                       .run = run_plugin_info};

}  // namespace tachikoma::cli
