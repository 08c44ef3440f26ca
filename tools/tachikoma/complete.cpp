// SPDX-License-Identifier: MIT
// What the scripts of `completion` ask: the candidates for the last word of a command line, one a line, each
// with a tab and what it is; or ":files" or ":folders". Asks no server.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "base/lists.hpp"
#include "listed_models.hpp"
#include "output.hpp"
#include "session.hpp"
#include "templates.hpp"
#include "verb_tree.hpp"
#include "verbs.hpp"

#include <tachikoma/config.hpp>

namespace tachikoma::cli {
namespace {

struct Candidate {
  std::string word, about = {};
};
using Candidates = std::vector<Candidate>;

Candidates named(const std::vector<std::string>& words, const std::string& about) {
  Candidates all;
  for (const std::string& word : words) all.push_back({word, about});
  return all;
}

// What the names of a configuration are; one that is wrong has none.
class Names {
 public:
  explicit Names(const Options& options) : options_(options) {
    const auto file = choose_config(options);
    PluginRegistry plugins(options.plugin_paths, [](Severity, std::string_view, std::string_view) {});
    Result<Config> config = file && *file ? load_config(**file, plugins)
                                          : Result<Config>(Error(ErrorCode::config_invalid, "there is none"));
    if (config) config_ = *std::move(config);
  }

  Candidates models() const {
    Candidates all;
    for (const ModelConfig& model : config_.models)
      all.push_back({model.alias, address(model.provider, model.key.empty() ? model.alias : model.key)});
    for (const std::string& listed : remembered_models())
      if (is_configured(listed.substr(0, listed.find("::")))) all.push_back({listed, "a model"});
    return all;
  }
  Candidates providers() const {
    return named(base::texts_of(config_.providers, &ProviderConfig::id), "a provider");
  }
  Candidates tools() const { return named(base::texts_of(config_.tools, &ComponentConfig::id), "a tool"); }
  Candidates templates() const { return named(template_names(options_), "a template"); }
  Candidates plugins() const {
    PluginRegistry registry(options_.plugin_paths, [](Severity, std::string_view, std::string_view) {});
    return named(base::texts_of(registry.scan(), &PluginReport::name), "a plugin");
  }

 private:
  // Without a configuration the LM Studio of this machine is used.
  bool is_configured(const std::string& provider) const {
    if (config_.providers.empty()) return provider == "lmstudio";
    return std::any_of(config_.providers.begin(), config_.providers.end(),
                       [&](const ProviderConfig& each) { return each.id == provider; });
  }

  const Options& options_;
  Config config_;
};

const OptionRow* option_named(const std::vector<OptionRow>& rows, std::string_view name) {
  const auto has_name = [&](const OptionRow& row) {
    return std::find(row.names.begin(), row.names.end(), name) != row.names.end();
  };
  const auto found = std::find_if(rows.begin(), rows.end(), has_name);
  return found == rows.end() ? nullptr : &*found;
}

Candidates values_of(const OptionRow& option, const Options& options) {
  if (!option.choices.empty()) return named(option.choices, "");
  const std::string& name = option.names.back();
  if (name == "--template") return Names(options).templates();
  if (option.type == "MODEL") return Names(options).models();
  if (option.type == "[ID]" && name == "--tool") return Names(options).tools();
  if (option.type == "FILE") return {{":files"}};
  if (option.type == "DIR") return {{":folders"}};
  return {};
}

Candidates subjects_of(const Verb& verb, const Options& options) {
  if (verb.name == "load" || verb.name == "unload") return Names(options).models();
  if (verb.name == "doctor") return Names(options).providers();
  if (verb.name == "plugin info") return Names(options).plugins();
  if (verb.name == "completion") return named({"bash", "zsh", "fish"}, "a shell");
  if (verb.name == "log show") return {{"last", "the last generation"}};
  if (verb.name == "batch" || verb.name.starts_with("config ")) return {{":files"}};
  return {};
}

Candidates verbs_of(const Verb* group) {
  const std::string prefix = group ? std::string(group->name) + " " : "";
  Candidates all;
  for (const std::string& name : names_in(group))
    all.push_back({name, std::string(find_verb(prefix + name)->brief)});
  return all;
}

/// The words before the one to complete.
class Line {
 public:
  explicit Line(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) take(words[i]);
  }

  Candidates candidates(const std::string& current, const Options& options) const {
    if (waiting_) return values_of(*waiting_, options);
    if (only_words_) return {};
    const std::size_t equals = current.find('=');
    if (current.starts_with("--") && equals != std::string::npos) {
      const std::vector<OptionRow> rows = options_here();
      const OptionRow* const option = option_named(rows, current.substr(0, equals));
      Candidates all = option ? values_of(*option, options) : Candidates();
      for (Candidate& each : all)
        if (!each.word.starts_with(':')) each.word.insert(0, current.substr(0, equals + 1));
      return all;
    }
    if (current.starts_with('-')) return option_names();
    if (!verb_ || !verb_->run) return verbs_of(verb_);
    return has_subject_ ? Candidates() : subjects_of(*verb_, options);
  }

 private:
  void take(const std::string& word) {
    if (waiting_) return waiting_.reset();
    if (only_words_) return;
    if (word == "--") {
      only_words_ = true;
    } else if (word.starts_with('-')) {
      const std::vector<OptionRow> rows = options_here();
      const OptionRow* const option = option_named(rows, word);
      if (option && !option->type.empty()) waiting_ = *option;
    } else if (!verb_ || !verb_->run) {
      const Verb* const below = find_verb(verb_ ? std::string(verb_->name) + " " + word : word);
      if (below) verb_ = below;
    } else {
      has_subject_ = true;
    }
  }

  std::vector<OptionRow> options_here() const {
    std::vector<OptionRow> rows = verb_ ? options_of(*verb_) : std::vector<OptionRow>();
    for (OptionRow& row : common_options()) rows.push_back(std::move(row));
    return rows;
  }

  Candidates option_names() const {
    Candidates all;
    for (const OptionRow& row : options_here())
      for (const std::string& name : row.names)
        if (name.starts_with("--")) all.push_back({name, row.help});
    return all;
  }

  const Verb* verb_ = nullptr;
  std::optional<OptionRow> waiting_;  // whose value is next
  bool only_words_ = false;
  bool has_subject_ = false;
};

// --config and --plugin-path of the line that is completed say whose names are meant.
Options options_in(const std::vector<std::string>& words, Options options) {
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "--config") options.config = words[i + 1];
    if (words[i] == "--plugin-path") options.plugin_paths.push_back(words[i + 1]);
  }
  if (!resolve_plugin_paths(options)) options.plugin_paths.clear();
  return options;
}

int run_complete(const Options& options, Output& output) {
  std::vector<std::string> words = options.words;
  if (words.empty()) words.emplace_back();
  const std::string& current = words.back();
  std::string text;
  for (const Candidate& each : Line(words).candidates(current, options_in(words, options)))
    if (each.word.starts_with(':') || each.word.starts_with(current))
      text += each.word + (each.about.empty() ? "" : "\t" + each.about) + "\n";
  output.print(text);
  return output.finish(0);
}

}  // namespace

const Verb kComplete{
    .name = "__complete",
    .brief = "",
    .usage = "[OPTIONS] -- WORDS",
    .summary = "Prints the candidates for the last of WORDS, for the scripts of 'completion'.",
    .example = "  tachikoma __complete -- lo\n",
    .words = Words::any,
    .run = run_complete};

}  // namespace tachikoma::cli
