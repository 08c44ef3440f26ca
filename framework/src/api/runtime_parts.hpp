// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/started_calls.hpp"
#include "async/workers.hpp"
#include "calls/providers.hpp"
#include "models/model_registry.hpp"
#include "monitors/monitor_hub.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// What a runtime is made of; shared with its handles and streams, so that they outlive it safely.
class RuntimeCore {
 public:
  /// When its last owner goes in a callback of a generation, on a thread that the core would have to join, it
  /// is destroyed on another one.
  static std::shared_ptr<RuntimeCore> make(Config config, PluginRegistry plugins);
  RuntimeCore(Config config, PluginRegistry plugins);
  /// Waits for the generations that were started and not waited for.
  ~RuntimeCore() { started.wait_for_all(); }

  /// Makes every component that the config names.
  Status make_components();

  Config config;
  PluginRegistry plugins;
  std::shared_ptr<const Providers> providers;
  std::shared_ptr<ModelRegistry::Impl> model_names;
  ModelRegistry models;
  std::map<std::string, std::shared_ptr<Tool>, std::less<>> tools;
  MonitorHub monitors;
  // no thread is started before there is something to do; they end first
  Workers workers{32};       ///< what may block: tools, and providers that can't be called without a thread
  Workers lookups{4};        ///< model lists that a started generation needs: few, for one list serves all
  Workers continuations{2};  ///< what goes on when a wait of a started generation has ended; never blocks
  StartedCalls started;

 private:
  Result<ProviderSlot> make_slot(const ProviderConfig& provider);
};

}  // namespace tachikoma
