// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/threads.hpp"
#include "calls/providers.hpp"
#include "generate/generator.hpp"
#include "models/management.hpp"
#include "models/model_registry.hpp"
#include "monitors/monitor_hub.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// What a config names, made: the components of a runtime.
struct Components {
  std::vector<calls::ProviderSetup> providers;
  std::map<std::string, std::shared_ptr<Tool>, std::less<>> tools;
  std::vector<std::pair<std::string, std::shared_ptr<Monitor>>> monitors;
};

/// Loads the plugins that the config names, and makes every component of it.
Result<Components> make_components(const Config& config, PluginRegistry& plugins);

/// What a runtime is made of, put together; shared with its handles and streams, so that they outlive it
/// safely. The rooms know no more of each other than what is handed to them here.
class RuntimeParts {
 public:
  /// When its last owner goes in a callback of a generation, on a thread that it would have to join, it is
  /// destroyed on another one.
  static std::shared_ptr<RuntimeParts> make(Config config, PluginRegistry plugins, Components components);
  RuntimeParts(const RuntimeParts&) = delete;
  RuntimeParts& operator=(const RuntimeParts&) = delete;

  const Config config;
  PluginRegistry plugins;
  const std::shared_ptr<const calls::Providers> providers;
  const std::shared_ptr<ModelRegistry::Impl> registry;
  ModelRegistry models;  ///< the application's view of `registry`
  const models::Management management;
  const std::map<std::string, std::shared_ptr<Tool>, std::less<>> tools;
  MonitorHub monitors;
  async::Threads threads;  // they end first
  const Generator generator;

 private:
  RuntimeParts(Config config, PluginRegistry plugins, Components components);
};

}  // namespace tachikoma
