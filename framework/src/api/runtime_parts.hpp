// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "api/status_file.hpp"
#include "async/threads.hpp"
#include "calls/providers.hpp"
#include "generate/generator.hpp"
#include "models/management.hpp"
#include "models/model_registry.hpp"
#include "models/residents.hpp"
#include "monitors/monitor_hub.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// The components of a runtime, made from a config.
struct Components {
  std::vector<calls::ProviderSetup> providers;
  std::map<std::string, std::shared_ptr<Tool>, std::less<>> tools;
  std::vector<std::pair<std::string, std::shared_ptr<Monitor>>> monitors;
};

/// Loads the plugins that the config names, and makes every component of it.
Result<Components> make_components(const Config& config, PluginRegistry& plugins);

/// The parts of a runtime, wired together; shared with its handles and streams, so that they outlive it
/// safely. The rooms know of each other only what is passed to them here.
class RuntimeParts {
 public:
  /// If its last owner is released in a generation's callback, on a thread that it would have to join, it is
  /// destroyed on another one.
  static std::shared_ptr<RuntimeParts> make(Config config, PluginRegistry plugins, Components components);
  ~RuntimeParts() { ending.request_stop(); }
  RuntimeParts(const RuntimeParts&) = delete;
  RuntimeParts& operator=(const RuntimeParts&) = delete;

  /// Tells `tachikoma ps` from now on what is in memory. Called before other threads know of this.
  void write_status_file();

  const Config config;
  PluginRegistry plugins;
  const std::shared_ptr<const calls::Providers> providers;
  const std::shared_ptr<ModelRegistry::Impl> registry;
  ModelRegistry models;  ///< the application's view of `registry`
  const models::Residents residents;
  const models::Management management;
  const std::map<std::string, std::shared_ptr<Tool>, std::less<>> tools;
  MonitorHub monitors;
  std::stop_source ending;  ///< requested when it is destroyed
  async::Threads threads;   // they end first
  const generate::Parts for_calls;
  const Generator generator;

  /// Begins to load what the configuration preloads.
  void preload();

 private:
  std::unique_ptr<StatusFile> status_file_;  // reads `residents`
  RuntimeParts(Config config, PluginRegistry plugins, Components components);
};

}  // namespace tachikoma
