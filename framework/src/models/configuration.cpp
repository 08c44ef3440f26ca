// SPDX-License-Identifier: MIT
#include "models/configuration.hpp"

#include <algorithm>
#include <optional>

#include "models/aliases.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma::models {

Schedule::Rules rules_of(const Configuration& configuration, const std::string& provider,
                         const std::string& key) {
  Schedule::Rules rules{.name = provider + "::" + key};
  for (const ModelConfig& alias : configuration.config->models) {
    if (alias.provider != provider || alias.owner != ModelOwner::managed) continue;
    const std::optional<Result<KnownNames::Model>> known = configuration.registry->resolve_known(alias.alias);
    const bool same = known && *known ? (**known)->key == key : alias.key == key;
    if (!same) continue;
    rules.pin = rules.pin || alias.pin;
    rules.preload = rules.preload || alias.preload;
    rules.min_residence = std::max<Schedule::Clock::duration>(rules.min_residence, alias.min_residence);
  }
  return rules;
}

LoadSettings load_for(const Configuration& configuration, const std::string& provider,
                      const std::string& alias) {
  const Config& config = *configuration.config;
  const auto of_provider = configuration.providers->find(provider);
  LoadSettings load = of_provider ? merged((*of_provider)->load, config.default_load) : config.default_load;
  for (const ModelConfig& each : config.models)
    if (each.alias == alias && each.provider == provider) return merged(own_load(Alias(each)), load);
  return load;
}

}  // namespace tachikoma::models
