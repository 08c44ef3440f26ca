// SPDX-License-Identifier: MIT
#pragma once

// The verbs and their options, for arguments.cpp alone: CLI11 takes ten seconds to compile.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "help_pages.hpp"

#include <tachikoma/version.hpp>

namespace tachikoma::cli {

template <class Number>
bool parse_number(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc() && end == text.data() + text.size();
}

inline void add_integer(CLI::App& app, std::string name, std::optional<std::int64_t>& into,
                        std::int64_t least, std::string help) {
  app.add_option_function<std::string>(
         name,
         [name, &into, least](const std::string& text) {
           std::int64_t number = 0;
           if (!parse_number(text, number) || number < least)
             throw CLI::ValidationError(
                 name, "'" + text + "' is not a whole number" +
                           (least == INT64_MIN ? "" : " of " + std::to_string(least) + " or more"));
           into = number;
         },
         std::move(help))
      ->type_name("N");
}

inline void add_real(CLI::App& app, std::string name, std::optional<double>& into, int least, int most,
                     std::string help) {
  app.add_option_function<std::string>(
         name,
         [name, &into, least, most](const std::string& text) {
           double number = 0;
           if (!parse_number(text, number) || !(number >= least && number <= most))
             throw CLI::ValidationError(name, "'" + text + "' is not a number from " + std::to_string(least) +
                                                  " to " + std::to_string(most));
           into = number;
         },
         std::move(help))
      ->type_name("X");
}

inline void add_texts(CLI::App& app, std::string name, std::vector<std::string>& into, std::string type,
                      std::string help) {
  // one value each: the next word may be the prompt, and "[END]" is a value, not a list
  app.add_option(std::move(name), into, std::move(help))
      ->allow_extra_args(false)
      ->type_name(type)
      ->option_text(type);
}

/// An option that takes one of `names`, which are in the order of `Choice`.
template <class Choice, std::size_t N, class Take>
void add_choice(CLI::App& app, const std::string& name, const char* const (&names)[N], Take take,
                std::string help) {
  std::string all;
  for (std::size_t i = 0; i < N; ++i)
    all += (i == 0 ? "" : i + 1 == N ? " and " : ", ") + std::string(names[i]);
  app.add_option_function<std::string>(
         name,
         [name, all, take, known = std::vector<std::string>(names, names + N)](const std::string& text) {
           const auto found = std::find(known.begin(), known.end(), text);
           if (found == known.end()) throw CLI::ValidationError(name, "'" + text + "' is none of " + all);
           take(static_cast<Choice>(found - known.begin()));
         },
         std::move(help))
      ->type_name("HOW");
}

inline void add_files(CLI::App& app, Options& options) {
  add_texts(app, "-f,--file", options.files, "FILE", "Add a text or an image to it; may be repeated");
}

inline void add_common(CLI::App& app, Options& options, bool in_help) {
  const std::string group = in_help ? "Options" : "";
  app.set_help_flag("-h,--help", "Print this help")->group(group);
  app.add_option("--config", options.config, "The configuration to use")->type_name("FILE")->group(group);
  app.add_flag("--json", options.json, "Print the result, or the error, as JSON")->group(group);
  add_texts(app, "--plugin-path", options.plugin_paths, "DIR", "Search this folder for plugins too");
  app.get_option("--plugin-path")->group(group);
  app.add_flag("-v,--verbose", options.verbose, "Say on stderr what is being done")->group(group);
  app.add_flag_callback(
         "--no-color", [&options] { options.color = false; },
         "No colours, as with NO_COLOR in the environment")
      ->group(group);
  app.set_version_flag("--version", "tachikoma " + std::string(kVersion), "Print the version")->group(group);
}

inline void add_model(CLI::App& app, Options& options) {
  app.add_option("-m,--model", options.model, "An alias, or an address that 'models' lists")
      ->type_name("MODEL");
}

inline void add_talking(CLI::App& app, Options& options) {
  add_model(app, options);
  app.add_option("-s,--system", options.system, "What the model should be and do")->type_name("TEXT");
}

inline void add_ask(CLI::App& app, Options& options) {
  add_talking(app, options);
  add_files(app, options);
  app.add_option("--schema", options.schema, "Answer with JSON that fits this JSON Schema")
      ->type_name("FILE");
  add_texts(app, "--tool", options.tools, "ID", "Let the model call this tool; may be repeated");
  add_choice<Think>(
      app, "--think", {"hide", "show", "only"}, [&](Think how) { options.think = how; },
      "Reasoning: hide (default), show or only");
  add_choice<ReasoningEffort>(
      app, "--effort", {"none", "low", "medium", "high"},
      [&](ReasoningEffort effort) { options.settings.reasoning_effort = effort; },
      "How much to reason: none, low, medium or high");
  app.add_flag("--stream-json", options.stream_json, "Print one JSON object a line, as it happens");
  app.add_flag("--usage", options.usage, "Print tokens and speed on stderr at the end");
  add_integer(app, "--max-tokens", options.settings.max_tokens, 1, "Stop after so many tokens");
  add_real(app, "--temperature", options.settings.temperature, 0, 2, "0 (always the likeliest) to 2");
  add_real(app, "--top-p", options.settings.top_p, 0, 1, "Only from the likeliest tokens, by probability");
  add_integer(app, "--top-k", options.settings.top_k, 0, "Only from the N likeliest tokens; 0 is all");
  add_integer(app, "--seed", options.settings.seed, INT64_MIN, "Makes sampling repeatable");
  add_texts(app, "--stop", options.settings.stop_sequences, "TEXT", "End before this text; may be repeated");
}

inline void add_count(CLI::App& app, Options& options) {
  add_talking(app, options);
  add_files(app, options);
  app.add_flag("--plain", options.plain, "Count the text alone, without the model's template");
}

inline void add_models(CLI::App& app, Options& options) {
  app.add_flag("--loaded", options.loaded, "Only those in memory");
  app.add_flag("--names", options.names, "Only addresses, one a line");
}

inline void add_nothing(CLI::App&, Options&) {}

/// What words may follow a verb.
enum class Words : std::uint8_t { none, optional_subject, subject, any };

struct Verb {
  std::string_view name;
  Command command;
  const Page& page;
  void (*add_options)(CLI::App&, Options&);
  Words words;
};

inline const std::array kVerbs{
    Verb{"ask", Command::ask, kAskPage, add_ask, Words::any},
    Verb{"chat", Command::chat, kChatPage, add_talking, Words::none},
    Verb{"embed", Command::embed, kEmbedPage, add_model, Words::any},
    Verb{"count", Command::count, kCountPage, add_count, Words::any},
    Verb{"models", Command::models, kModelsPage, add_models, Words::none},
    Verb{"status", Command::status, kStatusPage, add_nothing, Words::none},
    Verb{"plugin", Command::print, kPluginPage, add_nothing, Words::none},
    Verb{"plugin list", Command::plugin_list, kPluginListPage, add_nothing, Words::none},
    Verb{"plugin info", Command::plugin_info, kPluginInfoPage, add_nothing, Words::subject},
    Verb{"config", Command::print, kConfigPage, add_nothing, Words::none},
    Verb{"config check", Command::config_check, kConfigCheckPage, add_nothing, Words::optional_subject},
    Verb{"config show", Command::config_show, kConfigShowPage, add_nothing, Words::none},
    Verb{"config path", Command::config_path, kConfigPathPage, add_nothing, Words::none},
};
inline const Verb kRoot{"", Command::print, kRootPage, add_nothing, Words::none};

}  // namespace tachikoma::cli
