// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "calls/providers.hpp"
#include "models/model_registry.hpp"
#include "models/schedule.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::models {

/// A configuration, and what was made from it. Each part is immutable or thread-safe.
struct Configuration {
  std::shared_ptr<const Config> config;
  std::shared_ptr<const calls::Providers> providers;
  std::shared_ptr<ModelRegistry::Impl> registry;
};

/// What all aliases of the model ask for; without what it needs, and its time to live.
Schedule::Rules rules_of(const Configuration& configuration, const std::string& provider,
                         const std::string& key);

/// The settings with which a request for a model has it loaded: for that alias, or with none, or one that
/// names no model of the provider, for the model itself.
LoadSettings load_for(const Configuration& configuration, const std::string& provider,
                      const std::string& alias);

}  // namespace tachikoma::models
