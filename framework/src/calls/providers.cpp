// SPDX-License-Identifier: MIT
#include "calls/providers.hpp"

#include <utility>

#include "base/nearest.hpp"
#include "calls/retry.hpp"

namespace tachikoma::calls {

Providers::Providers(std::vector<ProviderSetup> setups, LogCallback log) : log_(std::move(log)) {
  for (ProviderSetup& setup : setups) providers_.emplace_back(std::move(setup), timer_);
}

Result<const ConfiguredProvider*> Providers::find(std::string_view id) const {
  std::vector<std::string> ids;
  for (const ConfiguredProvider& provider : providers_) {
    if (provider.id == id) return &provider;
    ids.push_back(provider.id);
  }
  return Error(ErrorCode::config_invalid, "no provider '" + std::string(id) + "' is configured",
               base::did_you_mean(base::nearest(id, ids)), Value::object({{"key", id}}));
}

Result<std::vector<ModelInfo>> Providers::list_models(const CallTarget& target, std::stop_token stop) const {
  if (Status able = target.provider->check_able<ModelCatalog>("list its models"); !able)
    return std::move(able).error();
  return call_provider<std::vector<ModelInfo>>(
      *this, target, std::move(stop), Counts::no, [](Server& server, const CallContext& context) {
        return server.capability<ModelCatalog>()->list_models(context);
      });
}

Result<Health> Providers::health(const ConfiguredProvider& provider, std::stop_token stop) const {
  if (Status able = provider.check_able<HealthCheck>("check its health"); !able)
    return std::move(able).error();
  // without retries: it asks for the current state
  return call_provider<Health>(*this, CallTarget(provider).once(), std::move(stop), Counts::no,
                               [](Server& server, const CallContext& context) {
                                 return server.capability<HealthCheck>()->check_health(context);
                               });
}

}  // namespace tachikoma::calls
