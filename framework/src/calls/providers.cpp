// SPDX-License-Identifier: MIT
#include "calls/providers.hpp"

#include <utility>

#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/try.hpp"
#include "calls/retry.hpp"

namespace tachikoma::calls {

Providers::Providers(std::vector<ProviderSetup> setups, LogCallback log, std::shared_ptr<Timer> timer)
    : timer_(std::move(timer)), log_(std::move(log)) {
  for (ProviderSetup& setup : setups) providers_.emplace_back(std::move(setup), *timer_);
}

Result<const ConfiguredProvider*> Providers::find(std::string_view id) const {
  for (const ConfiguredProvider& provider : providers_)
    if (provider.id == id) return &provider;
  return base::not_configured("provider", id, base::texts_of(providers_, &ConfiguredProvider::id));
}

Result<std::vector<ModelInfo>> Providers::list_models(const CallTarget& target, std::stop_token stop) const {
  TACHIKOMA_TRY_STATUS(target.provider->check_able<ModelCatalog>("list its models"));
  return call_provider<std::vector<ModelInfo>>(
      *this, target, std::move(stop), Counts::no, [](const PluginCall& call) {
        return call.server.capability<ModelCatalog>()->list_models(call.context);
      });
}

Result<Health> Providers::health(const ConfiguredProvider& provider, std::stop_token stop) const {
  TACHIKOMA_TRY_STATUS(provider.check_able<HealthCheck>("check its health"));
  // without retries: it asks for the current state
  return call_provider<Health>(*this, CallTarget(provider).question().once(), std::move(stop), Counts::no,
                               [](const PluginCall& call) {
                                 return call.server.capability<HealthCheck>()->check_health(call.context);
                               });
}

}  // namespace tachikoma::calls
