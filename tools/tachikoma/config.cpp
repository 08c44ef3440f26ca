// SPDX-License-Identifier: MIT
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "base/json_pointer.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "yaml_text.hpp"

#include <tachikoma/config.hpp>
#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

// As `choose_config`, for verbs that require a file.
Result<std::string> require_config(const Options& options) {
  if (!options.subject.empty()) return options.subject;
  TACHIKOMA_TRY(std::optional<std::string> file, choose_config(options));
  if (!file) return find_config();
  return *std::move(file);
}

Result<Config> load(const Options& options) {
  TACHIKOMA_TRY(const std::string file, require_config(options));
  PluginRegistry plugins = make_registry(options);
  return load_config(file, plugins);
}

// Prints a value as YAML, every leaf with a comment that says where it came from.
class YamlPrinter {
 public:
  YamlPrinter(const Config& config, bool with_origins) {
    if (!with_origins) return;
    for (const Origin& origin : config.origins) places_[origin.pointer] = origin.place;
  }

  std::string print(const Value& root) {
    print_members(root, "", 0);
    return std::move(text_);
  }

 private:
  void print_members(const Value& object, const std::string& pointer, std::size_t depth) {
    for (const Member& member : object.members()) {
      text_.append(depth * 2, ' ').append(yaml_key(member.key)).append(":");
      print_value(member.value, pointer + base::pointer_step(member.key), depth);
    }
  }

  void print_value(const Value& value, const std::string& pointer, std::size_t depth) {
    if (!value.members().empty()) {
      text_ += "\n";
      print_members(value, pointer, depth + 1);
      return;
    }
    text_ += " " + yaml_value(value);
    auto place = places_.find(pointer);
    if (place == places_.end()) place = places_.find(pointer + "/0");  // a list: where its first element is
    if (place != places_.end()) text_ += "  # " + place->second;
    text_ += "\n";
  }

  std::map<std::string, std::string> places_;
  std::string text_;
};

Value origins_of(const Config& config) {
  return base::array_of(config.origins, [](const Origin& origin) {
    return Value::object({{"pointer", origin.pointer}, {"place", origin.place}, {"secret", origin.secret}});
  });
}

int run_config_check(const Options& options, Output& output) {
  const Result<Config> config = load(options);
  if (!config) return output.fail(config.error());
  if (options.json) {
    output.print_json("config", Value::object({{"file", config->file},
                                               {"ok", true},
                                               {"warnings", base::array_of(config->warnings)}}));
    return output.finish(0);
  }
  for (const std::string& warning : config->warnings) output.warn(warning);
  output.print_foreign(config->file + ": ok\n");
  return output.finish(0);
}

int run_config_show(const Options& options, Output& output) {
  const Result<Config> config = load(options);
  if (!config) return output.fail(config.error());
  Value effective = redacted(*config);
  if (options.json)
    output.print_json("config", Value::object({{"file", config->file},
                                               {"effective", std::move(effective)},
                                               {"origins", origins_of(*config)}}));
  else
    output.print_foreign(YamlPrinter(*config, options.origin.value_or(true)).print(effective));
  return output.finish(0);
}

int run_config_path(const Options& options, Output& output) {
  const Result<std::string> file = require_config(options);
  if (!file) return output.fail(file.error());
  if (std::error_code failure; !std::filesystem::exists(*file, failure))
    return output.fail({ErrorCode::config_invalid, "'" + *file + "' does not exist"});
  if (options.json)
    output.print_json("config", Value::object({{"file", *file}}));
  else
    output.print_foreign(*file + "\n");
  return output.finish(0);
}

int run_config_schema(const Options& options, Output& output) {
  Result<std::string> file = require_config(options);
  PluginRegistry plugins = make_registry(options);
  // its folders of plugins are searched from then on; what is wrong with it is for `config check`
  if (file) static_cast<void>(load_config(*file, plugins));
  output.print(to_json(config_schema(plugins), 2) + "\n");
  return output.finish(0);
}

void add_show_options(OptionSet& set, Options& options) {
  set.toggle("origin", options.origin, "Where each value came from, as a comment; on by default");
}

}  // namespace

const Verb kConfig{.name = "config",
                   .brief = "Writes, checks and explains the configuration",
                   .summary = "Writes, checks and explains the configuration.",
                   .example = R"(  tachikoma config init
  tachikoma config check tachikoma.yaml
)"};

const Verb kConfigCheck{
    .name = "config check",
    .brief = "Checks it, and lists every error with its place",
    .usage = "[OPTIONS] [FILE]",
    .summary = "Checks a configuration and lists every error with its place. Contacts no server.",
    .example = R"(  tachikoma config check tachikoma.yaml
)",
    .words = Words::optional_subject,
    .run = run_config_check};

const Verb kConfigShow{.name = "config show",
                       .brief = "Every value in effect, and where it came from",
                       .usage = "[OPTIONS] [FILE]",
                       .summary = "Prints every value in effect and where it came from. Secrets are hidden.",
                       .example = R"(  tachikoma config show tachikoma.yaml
  tachikoma config show --no-origin > resolved.yaml
)",
                       .add_options = add_show_options,
                       .words = Words::optional_subject,
                       .run = run_config_show};

const Verb kConfigPath{.name = "config path",
                       .brief = "The file in use",
                       .usage = "[OPTIONS]",
                       .summary = "Prints the path of the configuration file in use.",
                       .example = R"(  tachikoma config path
)",
                       .run = run_config_path};

const Verb kConfigSchema{
    .name = "config schema",
    .brief = "Its JSON Schema, for editors",
    .usage = "[OPTIONS]",
    .summary =
        "Prints the JSON Schema of configuration files, with the settings of the plugins that\n"
        "are found: an editor then completes and checks them.",
    .example = R"(  tachikoma config schema > tachikoma.schema.json
)",
    .run = run_config_schema};

}  // namespace tachikoma::cli
