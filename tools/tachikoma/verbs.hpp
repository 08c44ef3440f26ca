// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tachikoma/model_selector.hpp>
#include <tachikoma/plugin/chat.hpp>
#include <tachikoma/plugin/load.hpp>

namespace tachikoma::cli {

class OptionSet;
class Output;
struct Verb;

/// What to do with the reasoning of an answer.
enum class Think : std::uint8_t { hide, show, only };

/// What kind of plugin to begin.
enum class PluginKind : std::uint8_t { provider, openai_provider, tool, monitor };

/// The command line, parsed and checked; a plain value. Every verb reads the members that it has.
struct Options {
  const Verb* verb = nullptr;  ///< none: `text` is printed, and nothing else
  std::string text;            ///< help, or the version

  // of every verb
  std::string config;  ///< empty: the file that is found
  std::vector<std::string> plugin_paths;
  bool json = false;
  bool verbose = false;
  bool color = true;  ///< still only on a terminal

  // ask, chat, count; embed has the model alone
  std::string model;
  std::string system;
  GenerationSettings settings;

  // ask, count, embed
  std::vector<std::string> words;  ///< the prompt, or the texts, as typed; "-" alone: all of stdin
  std::vector<std::string> files;

  // ask
  bool raw = false;                ///< the answer as the model wrote it, also on a terminal
  std::string schema;              ///< a file with a JSON Schema
  std::vector<std::string> tools;  ///< ids of the configuration's tools
  Think think = Think::hide;
  std::string prompt_template;  ///< a name, or the path of a file
  bool extract = false;         ///< of the answer only its first code block
  bool yes = false;             ///< every call of a tool is approved
  bool dry_run = false;
  bool stream_json = false;
  bool usage = false;
  bool no_cache = false;

  // batch; it has the model too
  std::string output;
  std::string errors;  ///< empty: beside the output
  std::optional<std::int64_t> jobs;
  bool resume = false;
  std::optional<std::string> queue;  ///< its address; empty: that in TACHIKOMA_QUEUE. worker has it too

  // worker; it has the jobs too
  std::optional<std::int64_t> dead_after;  ///< seconds

  // chat
  std::optional<std::string> continued;  ///< the chat to go on with; empty: the last one
  bool no_save = false;
  std::optional<std::int64_t> token_budget;

  // count
  bool plain = false;  ///< the text alone, without the model's template

  // models
  bool loaded = false;
  bool names = false;
  bool fit = false;

  // pick; models --fit has the memory alone
  Task task = Task::general;
  ModelSelector selector;
  std::optional<std::int64_t> context;  ///< absent: the selector's own

  // load
  LoadSettings load;
  bool estimate_only = false;

  // unload
  bool all = false;

  // download
  std::string quantization;

  // doctor
  bool load_first = false;
  bool no_measure = false;

  // log; it has the model too
  std::string log_file;  ///< empty: that of the configuration
  std::optional<std::chrono::system_clock::time_point> since;
  std::optional<std::int64_t> entries;  ///< how many; absent: all
  bool failed = false;
  std::string html;  ///< where the page goes; empty: there is none

  // plugin new
  PluginKind plugin_kind = PluginKind::provider;
  std::string folder;  ///< empty: the subject

  // plugin check
  std::vector<std::string> checks;
  std::string settings_file;
  std::string junit;  ///< where that goes; empty: nowhere

  // config show
  std::optional<bool> origin;  ///< absent: yes

  // config init
  std::vector<std::string> servers;  ///< base URLs to look at, besides the usual ones

  // load, unload, download: a model; batch: a file; doctor: a provider; plugin new: a name; plugin info and
  // check: a name or a file; log show: an entry; config check: a file; queue: an address; or empty
  std::string subject;
};

/// What words may follow a verb.
enum class Words : std::uint8_t { none, optional_subject, subject, any };

/// One verb, defined in the file of its name. A group of verbs ("plugin") has no `run`.
struct Verb {
  std::string_view name;   ///< "unload", or "plugin list" in a group
  std::string_view brief;  ///< its line in the list of commands; empty: it is for programs, and not there
  std::string_view usage = {};    ///< what follows its name
  std::string_view summary = {};  ///< what it does, for its help page
  std::string_view example = {};
  void (*add_options)(OptionSet& set, Options& options) = nullptr;  ///< those that it has of its own
  Words words = Words::none;
  std::string_view subject = {};  ///< of Words::subject, what that is
  bool uses_models = false;       ///< while it runs, `ps` shows what it keeps in memory
  int (*run)(const Options& options, Output& output) = nullptr;  ///< returns the exit code
};

extern const Verb kAsk, kChat, kBatch, kWorker, kQueue, kQueueStatus, kQueuePause, kQueueResume, kQueueCancel,
    kEmbed, kCount, kModels, kPick, kLoad, kUnload, kPs, kDownload, kStatus, kDoctor, kLog, kLogList,
    kLogShow, kLogStats, kPlugin, kPluginList, kPluginInfo, kPluginNew, kPluginCheck, kConfig, kConfigInit,
    kConfigCheck, kConfigShow, kConfigPath, kConfigSchema, kCompletion, kComplete, kManPage;

/// Every verb, in the order of the help.
inline constexpr std::array kVerbs{
    &kAsk,         &kChat,        &kBatch,       &kWorker,     &kQueue,      &kQueueStatus,  &kQueuePause,
    &kQueueResume, &kQueueCancel, &kEmbed,       &kCount,      &kModels,     &kPick,         &kLoad,
    &kUnload,      &kPs,          &kDownload,    &kStatus,     &kDoctor,     &kLog,          &kLogList,
    &kLogShow,     &kLogStats,    &kPlugin,      &kPluginList, &kPluginInfo, &kPluginNew,    &kPluginCheck,
    &kConfig,      &kConfigInit,  &kConfigCheck, &kConfigShow, &kConfigPath, &kConfigSchema, &kCompletion,
    &kComplete,    &kManPage};

}  // namespace tachikoma::cli
