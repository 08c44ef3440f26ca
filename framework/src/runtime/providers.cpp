// SPDX-License-Identifier: MIT
#include "runtime/providers.hpp"

#include <utility>

#include "base/nearest.hpp"

namespace tachikoma {
namespace {

// Runs `call(context)` under the slot's clocks and the caller's stop token.
template <class Call>
auto run_call(const ProviderSlot& slot, Timer& timer, std::stop_token stop, Call call)
    -> decltype(call(std::declval<const CallContext&>())) {
  CallCancellation cancellation;
  const std::stop_callback on_stop(std::move(stop), [&] { cancellation.request(CancelReason::caller); });
  CallClocks clocks(timer, slot.limits, cancellation);
  const std::string id = next_request_id();
  auto result = call(CallContext{cancellation, id, &clocks});
  if (!result && cancellation.requested()) return cancelled_error(cancellation.reason(), slot);
  return result;
}

}  // namespace

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
  return slot.provider->capability(ModelCatalog::kId) != nullptr;
}

Result<std::vector<ModelInfo>> Providers::list_models(const ProviderSlot& slot, std::stop_token stop) const {
  auto* catalog = static_cast<ModelCatalog*>(slot.provider->capability(ModelCatalog::kId));
  if (!catalog) return Error(ErrorCode::unsupported, "provider '" + slot.id + "' can't list its models");
  return run_call(slot, timer_, std::move(stop),
                  [&](const CallContext& context) { return catalog->list_models(context); });
}

Result<Health> Providers::health(const ProviderSlot& slot, std::stop_token stop) const {
  auto* check = static_cast<HealthCheck*>(slot.provider->capability(HealthCheck::kId));
  if (!check) return Error(ErrorCode::unsupported, "provider '" + slot.id + "' can't check its health");
  return run_call(slot, timer_, std::move(stop),
                  [&](const CallContext& context) { return check->check_health(context); });
}

Error cancelled_error(CancelReason reason, const ProviderSlot& slot) {
  if (reason >= CancelReason::connect) return timeout_error(reason, slot.limits, slot.id);
  return Error(ErrorCode::cancelled, "the call to '" + slot.id + "' was cancelled");
}

}  // namespace tachikoma
