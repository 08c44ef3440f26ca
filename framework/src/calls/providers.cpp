// SPDX-License-Identifier: MIT
#include "calls/providers.hpp"

#include <utility>

#include "base/nearest.hpp"
#include "calls/retry.hpp"

namespace tachikoma {

Providers::Providers(std::vector<ProviderSlot> slots, LogCallback log)
    : slots_(std::move(slots)), log_(std::move(log)) {
  for (ProviderSlot& slot : slots_)
    slot.endpoints =
        std::make_shared<policy::Endpoints>(slot.servers, slot.eject_for, slot.call_limits, timer_);
}

Result<const ProviderSlot*> Providers::find(std::string_view id) const {
  std::vector<std::string> ids;
  for (const ProviderSlot& slot : slots_) {
    if (slot.id == id) return &slot;
    ids.push_back(slot.id);
  }
  return Error(ErrorCode::config_invalid, "no provider '" + std::string(id) + "' is configured",
               base::did_you_mean(base::nearest(id, ids)), Value::object({{"key", id}}));
}

bool Providers::has_catalog(const ProviderSlot& slot) const {
  return slot.endpoints->first().capability<ModelCatalog>() != nullptr;
}

Result<std::vector<ModelInfo>> Providers::list_models(const ProviderSlot& slot, std::stop_token stop) const {
  if (Status able = check_able<ModelCatalog>(slot, "list its models"); !able) return std::move(able).error();
  return policy::call_provider<std::vector<ModelInfo>>(
      *this, slot, std::move(stop), policy::Counts::no,
      [](policy::Endpoint& endpoint, const CallContext& context) {
        return endpoint.capability<ModelCatalog>()->list_models(context);
      });
}

Result<Health> Providers::health(const ProviderSlot& slot, std::stop_token stop) const {
  if (Status able = check_able<HealthCheck>(slot, "check its health"); !able) return std::move(able).error();
  ProviderSlot once = slot;  // it asks how things are now
  once.retry.attempts = 1;
  return policy::call_provider<Health>(*this, once, std::move(stop), policy::Counts::no,
                                       [](policy::Endpoint& endpoint, const CallContext& context) {
                                         return endpoint.capability<HealthCheck>()->check_health(context);
                                       });
}

Error cancelled_error(CancelReason reason, const ProviderSlot& slot) {
  if (reason >= CancelReason::connect) return timeout_error(reason, slot.limits, slot.id);
  return Error(ErrorCode::cancelled, "the call to '" + slot.id + "' was cancelled");
}

}  // namespace tachikoma
