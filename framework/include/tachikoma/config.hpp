// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// The five time limits of a call, its clocks; 0 means no limit. A `timeout` error names the one that ran
/// out.
struct Timeouts {
  std::optional<std::chrono::milliseconds> connect = {};         ///< default 5 s
  std::optional<std::chrono::milliseconds> load = {};            ///< queue and model load; default 10 min
  std::optional<std::chrono::milliseconds> first_token = {};     ///< default 5 min
  std::optional<std::chrono::milliseconds> between_tokens = {};  ///< default 2 min
  std::optional<std::chrono::milliseconds> total = {};           ///< default: no limit
};

/// When a failed call is retried: only before its first delta, and only for retryable errors.
struct RetryPolicy {
  std::int64_t attempts = 3;                      ///< in total, for each endpoint and model; 1 means no retry
  std::chrono::milliseconds backoff{250};         ///< before the second attempt; doubles, with jitter
  std::chrono::milliseconds max_backoff{10'000};  ///< also the longest Retry-After that is honoured
};

/// How many calls a provider gets. Calls over a limit wait, under the load clock.
struct CallLimits {
  std::optional<std::int64_t> concurrency = {};  ///< simultaneous calls per endpoint
  std::optional<std::int64_t> requests_per_minute =
      {};  ///< evenly spread, in bursts of at most a tenth of it
};

/// How large an answer of a model may become, in each step of a generation. Beyond one of these the call ends
/// with `limit_exceeded`.
struct AnswerLimits {
  std::int64_t text = 16 << 20;       ///< bytes of the answer
  std::int64_t reasoning = 16 << 20;  ///< bytes of each other channel
  std::int64_t arguments = 16 << 20;  ///< bytes of all tool calls together
  std::int64_t tool_calls = 1024;
};

/// Answers from a recording, a cassette, in place of a server.
struct ReplayConfig {
  enum class Match : std::uint8_t {
    strict,  ///< the recorded requests in the recorded order
    loose,   ///< in any order
  };
  enum class Timing : std::uint8_t {
    none,      ///< at once
    recorded,  ///< with the pauses that the server made
  };
  std::string file = {};  ///< of a configuration's file: absolute
  Match match = Match::strict;
  Timing timing = Timing::none;

  friend bool operator==(const ReplayConfig&, const ReplayConfig&) = default;
};

/// One entry of `providers`.
struct ProviderConfig {
  std::string id = {};
  std::string plugin = {};  ///< the provider component that serves it
  Value settings = {};      ///< the plugin's own part, valid against the schema in its note
  /// Servers with the same models, used instead of `base_url`. A call goes to the one with the fewest running
  /// calls; one that can't be reached is skipped for `eject_for`. Empty: the server of `base_url`.
  std::vector<std::string> endpoints = {};
  std::chrono::milliseconds eject_for{10'000};
  CallLimits limits = {};  ///< override those of `policy`
  Timeouts timeouts = {};
  LoadSettings load = {};  ///< for its models
  GenerationSettings inference = {};
  std::string record = {};  ///< the cassette to which its requests and answers are written; empty: none
  std::optional<ReplayConfig> replay = {};
};

/// Who brings a model into memory.
enum class ModelOwner : std::uint8_t {
  managed,  ///< the runtime: before a request is sent, when there is room, and it unloads it again
  jit,      ///< its server, when a request asks for it; the runtime neither loads nor unloads it
};

/// One entry of `models`: an alias.
struct ModelConfig {
  std::string alias = {};
  std::string provider = {};
  std::string key = {};  ///< the model's name on the server; empty: the alias itself
  LoadSettings load = {};
  GenerationSettings inference = {};
  std::vector<std::string> fallback = {};  ///< models to try, in this order, when this one can't answer
  ModelOwner owner = ModelOwner::managed;
  bool pin = false;      ///< once it is loaded, it stays in memory
  bool preload = false;  ///< it is loaded when the runtime is opened, and again when nobody waits for another
  std::chrono::milliseconds min_residence{0};  ///< once loaded, it stays for at least this long
  std::optional<bool> cache = {};              ///< its answers are cached; absent: as `CacheConfig` says
  std::string system = {};  ///< the system prompt of requests that have no system message of their own
};

/// One entry of `tools` or `monitors`.
struct ComponentConfig {
  std::string id = {};
  std::string plugin = {};  ///< the component that serves it
  Value settings = {};
  bool approved = false;  ///< of a tool: whoever asks its user before each call need not ask about it
};

struct PluginsConfig {
  std::vector<std::string> paths = {};  ///< absolute folders, searched first
  std::vector<std::string> load = {};   ///< plugins to load even if nothing else names them
  std::vector<std::string> allow = {};  ///< when not empty, no other plugin is loaded
};

/// `policy`: how the host handles failures and load, for every provider.
struct PolicyConfig {
  RetryPolicy retry = {};
  CallLimits limits = {};
  AnswerLimits answer = {};
};

/// `memory`: what models may take of this machine.
struct MemoryConfig {
  std::optional<std::int64_t> ram = {};  ///< bytes; absent: what the machine has, or its control group allows
  std::optional<std::int64_t> vram = {};           ///< bytes on GPUs; absent: what they have
  double headroom = 0.2;                           ///< the share of each that stays free, from 0 to below 1
  std::optional<std::int64_t> max_instances = {};  ///< models in memory at a time
  /// How long requests for the models in memory are still served while one for another model waits.
  std::chrono::milliseconds patience{10'000};
};

/// `cache`: answers that are given again to the same requests.
struct CacheConfig {
  bool enabled = false;   ///< for every model whose alias does not say otherwise
  std::string file = {};  ///< an absolute path; empty: tachikoma/answers.db in the user's folder for caches
  std::chrono::milliseconds ttl = std::chrono::hours(7 * 24);  ///< how long an answer is given; 0: for ever
  std::int64_t max_size = 256'000'000;                         ///< bytes of the file
  bool replay_timing = false;  ///< streams have the pauses of the answer's first time; else none
  friend bool operator==(const CacheConfig&, const CacheConfig&) = default;
};

/// Where a value of the configuration came from, for people: "tachikoma.yaml:3:12", "environment
/// LM_API_TOKEN", "default".
struct Origin {
  std::string pointer = {};  ///< a JSON pointer, "/providers/lmstudio/base_url"
  std::string place = {};
  bool secret = false;  ///< never print the value
};

/// A validated configuration. A plain value.
struct Config {
  std::string file = {};  ///< empty when it did not come from a file
  std::vector<ProviderConfig> providers = {};
  std::vector<ModelConfig> models = {};
  std::string default_model = {};
  std::string default_embedding_model = {};
  LoadSettings default_load = {};
  GenerationSettings default_inference = {};
  PluginsConfig plugins = {};
  PolicyConfig policy = {};
  MemoryConfig memory = {};
  std::vector<ComponentConfig> tools = {};
  std::vector<ComponentConfig> monitors = {};
  CacheConfig cache = {};
  bool verbose = false;  ///< debug lines are logged too

  Value effective = {};  ///< the whole configuration as one object: variables expanded, defaults filled in
  std::vector<Origin> origins = {};        ///< one per leaf of `effective`
  std::vector<std::string> warnings = {};  ///< settings that have no effect, each with its place
};

class PluginRegistry;

/// Reads, expands and validates a YAML or JSON file. `plugins` supplies the schemas of the plugins that the
/// file names; they are read from the plugins' notes, and no plugin is loaded. From then on `plugins`
/// searches the file's `plugins.paths`, in place of those of an earlier file. Fails with `config_invalid`:
/// the message has every error of the file, one per line, as `file:line:col: what; did you mean …?`, and
/// `detail.errors` lists them. If the only errors are refused plugins, fails with `plugin_refused`.
TACHIKOMA_API Result<Config> load_config(std::string_view file, PluginRegistry& plugins);

/// The JSON Schema of configuration files, with the settings of the plugins that are found, for editors
/// (draft 7). It knows less than `load_config`: not whether what is named exists. Loads no plugin.
TACHIKOMA_API Value config_schema(PluginRegistry& plugins);

/// The file that `Runtime::open()` would read: the first of TACHIKOMA_CONFIG, ./tachikoma.yaml and
/// $XDG_CONFIG_HOME/tachikoma/tachikoma.yaml. Fails with `config_invalid`: there is none, and the message
/// lists the places searched, or `detail.file` can't be used. That is one that TACHIKOMA_CONFIG names and
/// does not exist, or one that was found, not named, and that others own or can change.
TACHIKOMA_API Result<std::string> find_config();

/// `config.effective` with every secret replaced, for display.
TACHIKOMA_API Value redacted(const Config& config);

/// A value that differs between two configurations, or an entry that only one of them has.
struct ConfigChange {
  std::string pointer = {};  ///< a JSON pointer, "/models/chat/context_length"
  Value before = {};         ///< as `redacted` shows it; null: it was not there
  Value after = {};          ///< null: it is gone
};

/// What differs, in the order of `after`; then what is gone. If both values of a change look alike, they are
/// a secret.
TACHIKOMA_API std::vector<ConfigChange> changes_between(const Config& before, const Config& after);

}  // namespace tachikoma
