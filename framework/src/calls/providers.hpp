// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "async/timer.hpp"
#include "calls/clocks.hpp"
#include "calls/servers.hpp"
#include "diagnose/server_logs.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// A provider of the config, ready to be called.
struct ProviderSlot {
  std::string id;
  std::vector<policy::Server> servers;  ///< at least one
  ClockLimits limits;
  LoadSettings load = {};
  GenerationSettings inference = {};
  RetryPolicy retry = {};
  CallLimits call_limits = {};
  std::chrono::milliseconds eject_for{10'000};
  std::string plugin = {};
  std::shared_ptr<policy::Endpoints> endpoints = nullptr;  ///< made by `Providers`
  std::shared_ptr<ServerLogs> logs = nullptr;              ///< null: they are not followed
};

/// The providers of one runtime, and calls to them under their clocks. Fixed once made; thread-safe.
class Providers {
 public:
  explicit Providers(std::vector<ProviderSlot> slots, LogCallback log = {});

  const std::vector<ProviderSlot>& all() const { return slots_; }
  /// Fails with `config_invalid`, naming the nearest.
  Result<const ProviderSlot*> find(std::string_view id) const;
  bool has_catalog(const ProviderSlot& slot) const;
  Result<std::vector<ModelInfo>> list_models(const ProviderSlot& slot, std::stop_token stop) const;
  Result<Health> health(const ProviderSlot& slot, std::stop_token stop) const;
  const LogCallback& log() const { return log_; }
  Timer& timer() const { return timer_; }

 private:
  mutable Timer timer_;  // first: what the slots have armed is withdrawn before it ends
  std::vector<ProviderSlot> slots_;
  LogCallback log_;
};

/// `unsupported` unless the provider offers `Interface`: "provider 'x' can't " and what it is for.
template <class Interface>
Status check_able(const ProviderSlot& slot, const char* ability) {
  if (slot.endpoints->first().capability<Interface>()) return Done{};
  return Error(ErrorCode::unsupported, "provider '" + slot.id + "' can't " + ability);
}

/// What a call that was cancelled returns, whatever the provider made of it.
Error cancelled_error(CancelReason reason, const ProviderSlot& slot);

}  // namespace tachikoma
