// SPDX-License-Identifier: MIT
// The manual pages, from what --help and the schema of the configuration say. The build calls this.
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "base/lists.hpp"
#include "output.hpp"
#include "roff.hpp"
#include "session.hpp"
#include "verb_tree.hpp"
#include "verbs.hpp"

#include <tachikoma/config.hpp>
#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

void add_options(Roff& page, const std::vector<OptionRow>& rows) {
  for (const OptionRow& row : rows) {
    std::string names;
    for (const std::string& name : row.names) names += (names.empty() ? "" : ", ") + bold(name);
    if (!row.type.empty()) names += " " + italic(row.type);
    std::string help = plain(row.help);
    if (!row.choices.empty() && row.help.find(row.choices.front()) == std::string::npos)
      help += ": " + plain(base::listed(row.choices));
    page.item(names, help);
  }
}

void add_verb(Roff& page, const Verb& verb) {
  page.subsection("tachikoma " + std::string(verb.name) + " " + std::string(verb.usage));
  page.paragraph(plain(verb.summary));
  add_options(page, options_of(verb));
  page.example(verb.example);
}

std::string command_page() {
  Roff page("tachikoma", "1", "talk to language models on your own machine or network");
  page.section("SYNOPSIS");
  page.paragraph(bold("tachikoma") + " " + italic("COMMAND") + " [" + italic("OPTIONS") + "] " +
                 italic("...") + "\n.br\n" + bold("tachikoma help") + " [" + italic("COMMAND") + "]");
  page.section("DESCRIPTION");
  page.paragraph(
      plain("Results go to the standard output, everything else to the standard error. Without a "
            "configuration the LM Studio of this machine is used."));
  page.section("OPTIONS OF EVERY COMMAND");
  add_options(page, common_options());
  page.section("COMMANDS");
  for (const Verb* verb : kVerbs)
    if (verb->run && !verb->brief.empty()) add_verb(page, *verb);
  page.section("EXIT STATUS");
  for (const auto& [code, what] : std::vector<std::pair<std::string, std::string>>{
           {"0", "It is done."},
           {"1", "Another failure."},
           {"2", "The command line or the request is wrong."},
           {"3", "The configuration is wrong."},
           {"4", "A server does not answer."},
           {"5", "A server does not accept the key."},
           {"6", "The model was not found."},
           {"7", "The memory, or the context, is too small."},
           {"8", "It has taken too long."},
           {"9", "The server has too much to do: try again later."},
           {"10", "A plugin was refused, or has failed."},
           {"11", "The answer does not have the form that was asked for."},
           {"12", "Some requests of a batch have failed."},
           {"130", "It was interrupted."},
           {"141", "The reader of a pipe has gone."}})
    page.item(bold(code), plain(what));
  page.section("FILES");
  page.item(italic("tachikoma.yaml"), plain("The configuration, in the working directory."));
  page.item(italic("~/.config/tachikoma/tachikoma.yaml"), plain("The one that is used elsewhere."));
  page.item(italic("~/.config/tachikoma/prompts"), plain("The templates of prompts."));
  page.item(italic("~/.local/state/tachikoma"), plain("Saved chats, and the models that were listed last."));
  page.section("ENVIRONMENT");
  page.item(bold("TACHIKOMA_CONFIG"), plain("The configuration to use."));
  page.item(bold("TACHIKOMA_PLUGIN_PATH"),
            plain("Folders that are searched for plugins, separated by colons."));
  page.item(bold("TACHIKOMA_NO_SAVE"), plain("If it is set, chats are not saved."));
  page.item(bold("NO_COLOR"), plain("If it is set, nothing is coloured."));
  page.see_also({{"tachikoma.yaml", "5"}, {"tachikoma-plugin", "7"}});
  return page.text();
}

std::string type_of(const Value& schema) {
  const Value& form = schema["anyOf"].elements().empty() ? schema : schema["anyOf"].elements().front();
  std::vector<std::string> words;
  for (const Value& each : form["enum"].elements())
    words.push_back(each.is_string() ? std::string(each.as_string()) : to_json(each));
  if (!words.empty()) return base::listed(words, " or ");
  for (const Value& each : form["type"].elements()) words.emplace_back(each.as_string());
  return words.empty() ? std::string(form["type"].as_string()) : base::listed(words, " or ");
}

void add_keys(Roff& page, const Value& schema, const std::string& path,
              const std::set<std::string>& told = {}) {
  for (const auto& [key, value] : schema["properties"].members()) {
    if (told.contains(key)) continue;
    std::string about = plain(value["description"].as_string());
    if (const Value* preset = value.find("default"); preset && !preset->is_object())
      about += std::string(about.empty() ? "" : ". ") + plain("Default: " + to_json(*preset));
    const std::string name = path.empty() ? key : path + "." + key;
    page.item(bold(name) + " (" + plain(type_of(value)) + ")", about);
    if (value.find("properties")) add_keys(page, value, name);
  }
}

std::set<std::string> keys_of(const Value& schema) {
  std::set<std::string> keys;
  for (const Member& each : schema["properties"].members()) keys.insert(each.key);
  return keys;
}

// The keys that the entries of a section have, whatever their plugin.
std::set<std::string> common_keys(const Value& definitions, const std::string& prefix) {
  std::set<std::string> common;
  bool first = true;
  for (const auto& [name, schema] : definitions.members()) {
    if (!name.starts_with(prefix)) continue;
    const std::set<std::string> keys = keys_of(schema);
    if (std::exchange(first, false)) common = keys;
    std::erase_if(common, [&](const std::string& key) { return !keys.contains(key); });
  }
  return common;
}

void add_components(Roff& page, const Value& definitions, const std::string& kind,
                    const std::string& section) {
  const std::set<std::string> common = common_keys(definitions, kind + "-");
  bool first = true;
  for (const auto& [name, schema] : definitions.members()) {
    if (!name.starts_with(kind + "-")) continue;
    if (std::exchange(first, false)) {
      Value shared = Value::object();
      for (const Member& each : schema["properties"].members())
        if (common.contains(each.key)) shared.set(each.key, each.value);
      add_keys(page, Value::object({{"properties", std::move(shared)}}), section + ".ID");
    }
    page.paragraph(plain("With the plugin ") + bold(name.substr(kind.size() + 1)) + ":");
    add_keys(page, schema, section + ".ID", common);
  }
}

std::string config_page(const Value& schema) {
  Roff page("tachikoma.yaml", "5", "the configuration of tachikoma");
  page.section("DESCRIPTION");
  page.paragraph(
      plain("One YAML or JSON file names the servers, gives short names to models, and has the "
            "settings of both. It is the file of --config, of TACHIKOMA_CONFIG, ./tachikoma.yaml or "
            "~/.config/tachikoma/tachikoma.yaml, whichever is given first. ") +
      bold("tachikoma config init") + plain(" writes one, ") + bold("tachikoma config check") +
      plain(" checks one."));
  page.example(
      "  providers:\n    lmstudio: {base_url: auto}\n  models:\n"
      "    chat: {key: openai/gpt-oss-20b, temperature: 0.7}\n  defaults: {model: chat}\n");
  page.paragraph(
      plain("${NAME} and ${NAME:-default} stand for environment variables in any text. Durations are "
            "500ms, 2s, 1h30m; sizes 512MiB, 16GB."));
  const Value& definitions = schema["definitions"];
  for (const auto& [name, section] : schema["properties"].members()) {
    page.section(name);
    if (const std::string_view about = section["description"].as_string(); !about.empty())
      page.paragraph(plain(std::string(about) + "."));
    const std::string kind = name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
    if (definitions.find(kind))
      add_components(page, definitions, kind, name);
    else if (section.find("properties"))
      add_keys(page, section, name);
    else if (section["additionalProperties"].is_object())
      add_keys(page, section["additionalProperties"], name + ".ALIAS");
  }
  page.see_also({{"tachikoma", "1"}, {"tachikoma-plugin", "7"}});
  return page.text();
}

int run_man_page(const Options& options, Output& output) {
  if (options.subject == "tachikoma.1") {
    output.print(command_page());
  } else if (options.subject == "tachikoma.yaml.5") {
    PluginRegistry plugins = make_registry(options);
    output.print(config_page(config_schema(plugins)));
  } else {
    return output.fail({ErrorCode::invalid_argument, "there is no page '" + options.subject + "'"});
  }
  return output.finish(0);
}

}  // namespace

const Verb kManPage{.name = "__man",
                    .brief = "",
                    .usage = "[OPTIONS] PAGE",
                    .summary = "Prints a manual page, tachikoma.1 or tachikoma.yaml.5, for the build.",
                    .example = "  tachikoma __man tachikoma.1\n",
                    .words = Words::subject,
                    .subject = "the name of a page",
                    .run = run_man_page};

}  // namespace tachikoma::cli
