// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "api/components.hpp"
#include "async/threads.hpp"
#include "cache/response_cache.hpp"
#include "generate/generator.hpp"
#include "models/configuration.hpp"
#include "models/machines.hpp"
#include "models/management.hpp"
#include "models/residents.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {

/// What one configuration of a runtime consists of, wired together. The rooms know of each other only what is
/// passed to them here. Immutable, except for what is thread-safe.
class ConfiguredParts {
 public:
  /// `machines` and `threads` must outlive it.
  ConfiguredParts(models::Configuration configuration, const Components& components,
                  models::Machines& machines, async::Threads& threads);
  ConfiguredParts(const ConfiguredParts&) = delete;
  ConfiguredParts& operator=(const ConfiguredParts&) = delete;

  UsedComponents components() const { return {config, providers, tools, monitors, answers_}; }

  const models::Configuration all;  // keeps the next three
  const Config& config;
  const calls::Providers& providers;
  ModelRegistry::Impl& registry;
  const models::Residents residents;
  const models::Management management;
  const Tools tools;

 private:
  const std::shared_ptr<MonitorHub> hub_;
  const std::shared_ptr<cache::AnswerStore> answers_;
  const std::unique_ptr<const cache::ResponseCache> cache_;  // null: there is none

 public:
  MonitorHub& monitors;
  const generate::Parts for_calls;
  const Generator generator;
};

}  // namespace tachikoma
