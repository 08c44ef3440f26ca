// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/model_registry.hpp"
#include "runtime/monitor_hub.hpp"
#include "runtime/providers.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// What a runtime is made of; shared with its handles and streams, so that they outlive it safely.
class RuntimeCore {
 public:
  RuntimeCore(Config config, PluginRegistry plugins);

  /// Makes every component that the config names.
  Status make_components();

  Config config;
  PluginRegistry plugins;
  std::shared_ptr<const Providers> providers;
  std::shared_ptr<ModelRegistry::Impl> model_names;
  ModelRegistry models;
  std::map<std::string, std::shared_ptr<Tool>, std::less<>> tools;
  MonitorHub monitors;  // last: its threads end first
};

}  // namespace tachikoma
