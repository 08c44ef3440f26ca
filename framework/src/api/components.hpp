// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/answer_store.hpp"
#include "calls/providers.hpp"
#include "monitors/monitor_hub.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

using Tools = std::map<std::string, std::shared_ptr<Tool>, std::less<>>;

/// The components of a runtime, made from a config.
struct Components {
  std::vector<calls::ProviderSetup> providers = {};
  Tools tools = {};
  std::shared_ptr<MonitorHub> monitors = {};
  std::shared_ptr<cache::AnswerStore> answers = {};  ///< null: no model's are cached
};

/// Those of an earlier config, in use.
struct UsedComponents {
  const Config& config;
  const calls::Providers& providers;
  const Tools& tools;
  const MonitorHub& monitors;
  const std::shared_ptr<cache::AnswerStore>& answers;
};

/// Loads the plugins that the config names, and makes every component of it; but those that are configured as
/// in `before`, if that is not null, are taken from there.
Result<Components> make_components(const Config& config, PluginRegistry& plugins,
                                   const UsedComponents* before = nullptr);

}  // namespace tachikoma
