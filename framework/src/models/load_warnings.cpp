// SPDX-License-Identifier: MIT
#include "models/load_warnings.hpp"

#include <algorithm>

#include "base/lists.hpp"
#include "tachikoma/model_management.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma {
namespace {

ModelManager* manager(const calls::ConfiguredProvider& provider) {
  return provider.capability<ModelManager>();
}

bool loads_models(const calls::ConfiguredProvider& provider) { return manager(provider) != nullptr; }

std::string names_of(const LoadSettings& settings) {
  const Value value = to_value(settings);
  return base::listed(base::texts_of(value.members(), &Member::key));
}

}  // namespace

bool owns_its_models(const calls::ConfiguredProvider& provider) {
  ModelManager* const models = manager(provider);
  return models && models->owns_its_models();
}

std::vector<std::string> useless_load_settings(const Config& config, const calls::Providers& providers) {
  std::vector<std::string> sentences;
  const auto check = [&](const std::string& where, const LoadSettings& load, const std::string& provider) {
    const Result<const calls::ConfiguredProvider*> found = providers.find(provider);
    if (load != LoadSettings{} && found && !loads_models(**found))
      sentences.push_back(where + ": " + names_of(load) + ": no effect, because provider '" + provider +
                          "' can't load models");
  };
  for (const ProviderConfig& each : config.providers) check("providers." + each.id, each.load, each.id);
  for (const ModelConfig& each : config.models) check("models." + each.alias, each.load, each.provider);
  if (config.default_load != LoadSettings{} &&
      std::none_of(providers.all().begin(), providers.all().end(), loads_models))
    sentences.push_back("defaults: " + names_of(config.default_load) +
                        ": no effect, because no provider can load models");
  return sentences;
}

}  // namespace tachikoma
