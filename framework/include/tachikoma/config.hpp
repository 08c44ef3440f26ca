// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// The five clocks of a call; 0 is never. Named in the `timeout` error that they raise.
struct Timeouts {
  std::optional<std::chrono::milliseconds> connect;         ///< default 5 s
  std::optional<std::chrono::milliseconds> load;            ///< queue and model load; default 10 min
  std::optional<std::chrono::milliseconds> first_token;     ///< default 5 min
  std::optional<std::chrono::milliseconds> between_tokens;  ///< default 2 min
  std::optional<std::chrono::milliseconds> total;           ///< default never
};

/// When a call that failed is made again. Only before its first delta, and only what is retryable.
struct RetryPolicy {
  std::int64_t attempts = 3;                      ///< in all, at each endpoint and model; 1 is no retry
  std::chrono::milliseconds backoff{250};         ///< before the second attempt; doubles, with jitter
  std::chrono::milliseconds max_backoff{10'000};  ///< also the longest Retry-After that is waited for
};

/// What a provider may be asked to do at a time. Calls beyond it wait, under the load clock.
struct CallLimits {
  std::optional<std::int64_t> concurrency;          ///< calls at a time, at each endpoint
  std::optional<std::int64_t> requests_per_minute;  ///< evenly spread, with bursts of a tenth of it
};

/// One entry of `providers`.
struct ProviderConfig {
  std::string id;
  std::string plugin;  ///< the provider component that serves it
  Value settings;      ///< the plugin's own part, fit to the schema in its note
  /// Servers with the same models: each takes the place of `base_url`. The one with the fewest calls is
  /// asked; one that can't be reached is left out for `eject_for`. Empty: the server of `base_url`.
  std::vector<std::string> endpoints;
  std::chrono::milliseconds eject_for{10'000};
  CallLimits limits;  ///< over those of `policy`
  Timeouts timeouts;
  LoadSettings load;  ///< for its models
  GenerationSettings inference;
};

/// One entry of `models`: an alias.
struct ModelConfig {
  std::string alias;
  std::string provider;
  std::string key;  ///< the model's name on the server; empty: the alias itself
  LoadSettings load;
  GenerationSettings inference;
  std::vector<std::string> fallback;  ///< names of models to ask, in this order, when this one can't answer
};

/// One entry of `tools` or `monitors`.
struct ComponentConfig {
  std::string id;
  std::string plugin;  ///< the component that serves it
  Value settings;
};

struct PluginsConfig {
  std::vector<std::string> paths;  ///< absolute folders, searched first
  std::vector<std::string> load;   ///< plugins to load although no other part names them
  std::vector<std::string> allow;  ///< when not empty, no other plugin is loaded
};

/// `policy`: what the host does about failures and load, for every provider.
struct PolicyConfig {
  RetryPolicy retry;
  CallLimits limits;
};

/// Where a value of the configuration came from, for people: "tachikoma.yaml:3:12", "environment
/// LM_API_TOKEN", "default".
struct Origin {
  std::string pointer;  ///< a JSON pointer, "/providers/lmstudio/base_url"
  std::string place;
  bool secret = false;  ///< never print the value
};

/// A checked configuration. Plain value.
struct Config {
  std::string file;  ///< empty when it did not come from a file
  std::vector<ProviderConfig> providers;
  std::vector<ModelConfig> models;
  std::string default_model;
  LoadSettings default_load;
  GenerationSettings default_inference;
  PluginsConfig plugins;
  PolicyConfig policy;
  std::vector<ComponentConfig> tools;
  std::vector<ComponentConfig> monitors;
  bool verbose = false;  ///< debug lines reach the log

  Value effective;                    ///< everything as one object, variables expanded, defaults included
  std::vector<Origin> origins;        ///< one per leaf of `effective`
  std::vector<std::string> warnings;  ///< what is set and has no effect, each with its place
};

class PluginRegistry;

/// Reads, expands and checks a YAML or JSON file; `plugins` gives the schemas of the plugins that it
/// names (read from their notes; none is loaded). Fails with `config_invalid`: the message has every
/// error of the file, one a line, as `file:line:col: what; did you mean …?`, and `detail.errors` lists
/// them. When all that is wrong is that plugins which it names are refused, it is `plugin_refused`. Adds
/// `plugins.paths` of the file to `plugins`.
Result<Config> load_config(std::string_view file, PluginRegistry& plugins);

/// The file that `Runtime::open()` would read: TACHIKOMA_CONFIG, ./tachikoma.yaml, then
/// $XDG_CONFIG_HOME/tachikoma/tachikoma.yaml. Fails with `config_invalid`, naming where it looked.
Result<std::string> find_config();

/// `config.effective` for people and for JSON, with every secret replaced.
Value redacted(const Config& config);

}  // namespace tachikoma
