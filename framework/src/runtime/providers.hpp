// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clocks.hpp"
#include "runtime/timer.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma {

/// A provider of the config, ready to be called.
struct ProviderSlot {
  std::string id;
  std::shared_ptr<Provider> provider;
  ClockLimits limits;
  GenerationSettings inference;
};

/// The providers of one runtime, and calls to them under their clocks. Fixed once made; thread-safe.
class Providers {
 public:
  explicit Providers(std::vector<ProviderSlot> slots) : slots_(std::move(slots)) {}

  const std::vector<ProviderSlot>& all() const { return slots_; }
  /// Fails with `config_invalid`, naming the nearest.
  Result<const ProviderSlot*> find(std::string_view id) const;
  bool has_catalog(const ProviderSlot& slot) const;
  Result<std::vector<ModelInfo>> list_models(const ProviderSlot& slot, std::stop_token stop) const;
  Result<Health> health(const ProviderSlot& slot, std::stop_token stop) const;
  Timer& timer() const { return timer_; }

 private:
  std::vector<ProviderSlot> slots_;
  mutable Timer timer_;
};

/// What a call that was cancelled returns, whatever the provider made of it.
Error cancelled_error(CancelReason reason, const ProviderSlot& slot);

}  // namespace tachikoma
