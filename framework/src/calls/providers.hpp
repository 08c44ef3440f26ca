// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "async/timer.hpp"
#include "calls/configured_provider.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::calls {

/// The providers of one runtime, and calls to them under their clocks. Immutable and thread-safe.
class Providers {
 public:
  explicit Providers(std::vector<ProviderSetup> setups, LogCallback log = {},
                     std::shared_ptr<Timer> timer = std::make_shared<Timer>());

  const std::deque<ConfiguredProvider>& all() const { return providers_; }
  /// Fails with `config_invalid`, naming the nearest.
  Result<const ConfiguredProvider*> find(std::string_view id) const;
  Result<std::vector<ModelInfo>> list_models(const CallTarget& target, std::stop_token stop) const;
  Result<Health> health(const ConfiguredProvider& provider, std::stop_token stop) const;
  const LogCallback& log() const { return log_; }
  Timer& timer() const { return *timer_; }

 private:
  const std::shared_ptr<Timer> timer_;  // first: the providers disarm their actions before it is destroyed
  std::deque<ConfiguredProvider> providers_;
  LogCallback log_;
};

}  // namespace tachikoma::calls
