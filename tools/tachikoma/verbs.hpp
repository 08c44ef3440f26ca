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
#include <type_traits>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "help_pages.hpp"

#include <tachikoma/model_management.hpp>
#include <tachikoma/version.hpp>

namespace tachikoma::cli {

template <class Number>
bool parse_number(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc() && end == text.data() + text.size();
}

// "", " of 1 or more", " from 0 to 2".
inline std::string range_in_words(const SettingRule& rule) {
  const auto print = [](double limit) { return std::to_string(static_cast<std::int64_t>(limit)); };
  if (rule.min == -SettingRule::kNoLimit) return "";
  if (rule.exclusive_min) return " above " + print(rule.min);
  if (rule.max == SettingRule::kNoLimit) return " of " + print(rule.min) + " or more";
  return " from " + print(rule.min) + " to " + print(rule.max);
}

template <class Number>
void add_number(CLI::App& app, std::string name, std::optional<Number>& into, const SettingRule& rule) {
  constexpr bool kWhole = std::is_integral_v<Number>;
  app.add_option_function<std::string>(
         name,
         [name, &into, rule](const std::string& text) {
           Number number = 0;
           if (!parse_number(text, number) || !rule.allows(static_cast<double>(number)))
             throw CLI::ValidationError(name, "'" + text + "' is not a " + (kWhole ? "whole " : "") +
                                                  "number" + range_in_words(rule));
           into = number;
         },
         std::string(rule.about))
      ->type_name(kWhole ? "N" : "X");
}

inline void add_integer(CLI::App& app, std::string name, std::optional<std::int64_t>& into, double min,
                        std::string_view help) {
  add_number(app, std::move(name), into, SettingRule{.about = help, .min = min});
}

// Every numeric setting that is sent to the server.
inline void add_sampling(CLI::App& app, GenerationSettings& settings) {
  for_each_generation_setting([&](const char* setting, auto member, const SettingRule& rule) {
    using Kind = std::remove_reference_t<decltype(settings.*member)>;
    constexpr bool kNumber =
        std::is_same_v<Kind, std::optional<std::int64_t>> || std::is_same_v<Kind, std::optional<double>>;
    if constexpr (kNumber) {
      if (rule.is_for_host) return;
      std::string name = std::string("--") + setting;
      std::replace(name.begin(), name.end(), '_', '-');
      add_number(app, std::move(name), settings.*member, rule);
    }
  });
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
           if (found == known.end()) throw CLI::ValidationError(name, "'" + text + "' is not one of " + all);
           take(static_cast<Choice>(found - known.begin()));
         },
         std::move(help))
      ->type_name("HOW");
}

/// A switch with a name for each of its positions.
inline void add_switch(CLI::App& app, const std::string& name, std::optional<bool>& into, std::string help) {
  app.add_flag_function(
      "--" + name + ",!--no-" + name,
      [name, &into](std::int64_t sum) {
        if (sum == 0) throw CLI::ValidationError("--" + name, "it is both on and off");
        into = sum > 0;
      },
      std::move(help));
}

inline Value number_or_text(std::string_view text) {
  std::int64_t whole = 0;
  double real = 0;
  if (parse_number(text, whole)) return whole;
  return parse_number(text, real) ? Value(real) : Value(text);
}

inline Value numbers_between_commas(std::string_view text) {
  Value list = Value::array();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    list.push_back(number_or_text(text.substr(at, end - at)));
    at = end + 1;
  }
  return list;
}

inline Value as_it_is(std::string_view text) { return text; }

/// A load setting of the configuration: its key, how its text is converted, and the description of
/// valid values for the error message.
struct Setting {
  const char* key;
  Value (*value)(std::string_view);
  const char* form;
};

template <class Into>
void add_setting(CLI::App& app, const std::string& name, LoadSettings& load, Into LoadSettings::*member,
                 Setting setting, std::string type, std::string help) {
  app.add_option_function<std::string>(
         name,
         [name, &load, member, setting](const std::string& text) {
           Result<LoadSettings> read =
               read_load_settings(Value::object({{setting.key, setting.value(text)}}));
           if (!read) throw CLI::ValidationError(name, "'" + text + "' is not " + setting.form);
           load.*member = std::move((*read).*member);
         },
         std::move(help))
      ->type_name(std::move(type));
}

inline void add_files(CLI::App& app, Options& options) {
  add_texts(app, "-f,--file", options.files, "FILE", "Add a text file or an image; may be repeated");
}

inline void add_common(CLI::App& app, Options& options, bool in_help) {
  const std::string group = in_help ? "Options" : "";
  app.set_help_flag("-h,--help", "Print this help")->group(group);
  app.add_option("--config", options.config, "The configuration to use")->type_name("FILE")->group(group);
  app.add_flag("--json", options.json, "Print the result, or the error, as JSON")->group(group);
  add_texts(app, "--plugin-path", options.plugin_paths, "DIR", "Search this folder for plugins too");
  app.get_option("--plugin-path")->group(group);
  app.add_flag("-v,--verbose", options.verbose, "Log to stderr what is being done")->group(group);
  app.add_flag_callback(
         "--no-color", [&options] { options.color = false; }, "No colours, like NO_COLOR in the environment")
      ->group(group);
  app.set_version_flag("--version", "tachikoma " + std::string(kVersion), "Print the version")->group(group);
}

inline void add_model(CLI::App& app, Options& options) {
  app.add_option("-m,--model", options.model, "An alias, or an address that 'models' lists")
      ->type_name("MODEL");
}

inline void add_talking(CLI::App& app, Options& options) {
  add_model(app, options);
  app.add_option("-s,--system", options.system, "Instructions for the model")->type_name("TEXT");
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
  app.add_flag("--stream-json", options.stream_json, "Print one JSON object per line, as it happens");
  app.add_flag("--usage", options.usage, "Print tokens and speed on stderr at the end");
  add_sampling(app, options.settings);
  add_texts(app, "--stop", options.settings.stop_sequences, "TEXT", "End before this text; may be repeated");
}

inline void add_count(CLI::App& app, Options& options) {
  add_talking(app, options);
  add_files(app, options);
  app.add_flag("--plain", options.plain, "Count the text alone, without the model's template");
}

inline void add_models(CLI::App& app, Options& options) {
  app.add_flag("--loaded", options.loaded, "Only those in memory");
  app.add_flag("--names", options.names, "Only addresses, one per line");
}

inline void add_placement(CLI::App& app, LoadSettings& load) {
  add_setting(app, "--gpu-layers", load, &LoadSettings::gpu_layers,
              {"gpu_layers", number_or_text, "a number of layers, 'all', or a share such as '50%'"},
              "N|all|R%", "Layers on GPUs: a number, all, or a share such as 50%");
  add_choice<SplitMode>(
      app, "--split-mode", {"layer", "row", "none"}, [&](SplitMode mode) { load.gpu_split_mode = mode; },
      "Split over several GPUs: by layer, row, or none");
  add_integer(app, "--main-gpu", load.main_gpu, 0, "The GPU to use first, from 0");
  add_setting(app, "--tensor-split", load, &LoadSettings::tensor_split,
              {"tensor_split", numbers_between_commas, "a list of shares such as '3,1', one for each GPU"},
              "A,B", "Each GPU's share: 3,1");
  add_switch(app, "mlock", load.use_mlock, "Lock it in RAM, or let the system swap it out");
  add_switch(app, "mmap", load.use_mmap, "Map the file into memory, or read it");
  add_switch(app, "offload-kv", load.offload_kqv, "Keep the KV cache on GPUs, or in RAM");
}

inline void add_context(CLI::App& app, LoadSettings& load) {
  const char* const type = "one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 and iq4_nl";
  add_integer(app, "--context", load.context_length, 1, "Tokens of context");
  add_setting(app, "--reduce-context", load, &LoadSettings::context_size_reduction,
              {"context_size_reduction", number_or_text, "a number above 0 and at most 1"}, "FACTOR",
              "If it does not fit, try contexts smaller by this factor: 0.5");
  add_integer(app, "--min-context", load.min_context_length, 1, "The smallest context to try; default 2048");
  add_setting(app, "--cache-type-k", load, &LoadSettings::cache_type_k, {"cache_type_k", as_it_is, type},
              "TYPE", "Data type of the KV cache's keys: f16, q8_0, ...");
  add_setting(app, "--cache-type-v", load, &LoadSettings::cache_type_v, {"cache_type_v", as_it_is, type},
              "TYPE", "Data type of the KV cache's values");
}

inline void add_load(CLI::App& app, Options& options) {
  LoadSettings& load = options.load;
  add_context(app, load);
  add_placement(app, load);
  add_integer(app, "--batch", load.batch_size, 1, "Prompt tokens per batch");
  add_integer(app, "--threads", load.threads, 1, "CPU threads");
  add_choice<FlashAttention>(
      app, "--flash-attention", {"off", "on", "auto"},
      [&](FlashAttention flash) { load.flash_attention = flash; }, "Flash attention: off, on or auto");
  add_integer(app, "--seed", load.seed, -SettingRule::kNoLimit, "Make sampling repeatable");
  add_integer(app, "--parallel", load.parallel, 1, "Simultaneous requests");
  add_integer(app, "--experts", load.experts, 1, "Active experts of a mixture-of-experts model");
  add_setting(app, "--ttl", load, &LoadSettings::ttl,
              {"ttl", as_it_is, "a time such as '90s', '30m' or '1h30m'"}, "TIME",
              "Unload it after this long without use: 30m; 0: never");
  add_setting(app, "--identifier", load, &LoadSettings::identifier, {"identifier", as_it_is, "a name"},
              "NAME", "The name for it in requests");
  app.add_flag("--estimate-only", options.estimate_only, "Print how much memory it would need; load nothing");
}

inline void add_unload(CLI::App& app, Options& options) {
  app.add_flag("--all", options.all, "Unload every model on every server");
}

inline void add_download(CLI::App& app, Options& options) {
  app.add_option("--quantization", options.quantization, "The variant; by default the server chooses")
      ->type_name("Q");
}

inline void add_doctor(CLI::App& app, Options& options) {
  add_model(app, options);
  app.add_flag("--load", options.load_first,
               "Load the model if it is not in memory, and unload it afterwards");
  app.add_flag("--no-measure", options.no_measure, "Don't generate anything");
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
  std::string_view subject = {};  ///< of Words::subject, what that is
};

inline const std::array kVerbs{
    Verb{"ask", Command::ask, kAskPage, add_ask, Words::any},
    Verb{"chat", Command::chat, kChatPage, add_talking, Words::none},
    Verb{"embed", Command::embed, kEmbedPage, add_model, Words::any},
    Verb{"count", Command::count, kCountPage, add_count, Words::any},
    Verb{"models", Command::models, kModelsPage, add_models, Words::none},
    Verb{"load", Command::load, kLoadPage, add_load, Words::subject, "the model to load"},
    Verb{"unload", Command::unload, kUnloadPage, add_unload, Words::optional_subject},
    Verb{"ps", Command::ps, kPsPage, add_nothing, Words::none},
    Verb{"download", Command::download, kDownloadPage, add_download, Words::subject, "the model to download"},
    Verb{"status", Command::status, kStatusPage, add_nothing, Words::none},
    Verb{"doctor", Command::doctor, kDoctorPage, add_doctor, Words::optional_subject},
    Verb{"plugin", Command::print, kPluginPage, add_nothing, Words::none},
    Verb{"plugin list", Command::plugin_list, kPluginListPage, add_nothing, Words::none},
    Verb{"plugin info", Command::plugin_info, kPluginInfoPage, add_nothing, Words::subject,
         "the name or the file of a plugin"},
    Verb{"config", Command::print, kConfigPage, add_nothing, Words::none},
    Verb{"config check", Command::config_check, kConfigCheckPage, add_nothing, Words::optional_subject},
    Verb{"config show", Command::config_show, kConfigShowPage, add_nothing, Words::none},
    Verb{"config path", Command::config_path, kConfigPathPage, add_nothing, Words::none},
};
inline const Verb kRoot{"", Command::print, kRootPage, add_nothing, Words::none};

}  // namespace tachikoma::cli
