// SPDX-License-Identifier: MIT
#include "models/load_advice.hpp"

#include <utility>

#include "calls/retry.hpp"
#include "models/load_warnings.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {

Result<LoadedBy> loaded_by(const calls::Providers& providers, const calls::CallTarget& target,
                           std::stop_token stop) {
  if (!target.provider->capability<ModelManager>()) return LoadedBy::start;
  if (owns_its_models(*target.provider)) return LoadedBy::request;
  const Result<bool> applies = calls::call_provider<bool>(
      providers, target.once(), std::move(stop), calls::Counts::no, [](const calls::PluginCall& call) {
        return call.server.capability<ModelManager>()->applies_settings(call.context);
      });
  if (applies) return *applies ? LoadedBy::command : LoadedBy::server;
  if (applies.error().code == ErrorCode::unsupported) return LoadedBy::start;
  return applies.error();
}

std::string how_to_reload(LoadedBy by, const std::string& instance, const std::string& name) {
  switch (by) {
    case LoadedBy::command:
      return "load it again: tachikoma unload " + instance + ", then tachikoma load " + name;
    case LoadedBy::request:
      return "unload it in the program that loaded it: the next request loads it as configured";
    case LoadedBy::server:
    case LoadedBy::start: break;
  }
  return "start its server with these settings: it can't be told to apply them";
}

std::string how_to_set(LoadedBy by, const std::string& setting, const std::string& option) {
  switch (by) {
    case LoadedBy::command: return "load it with " + option;
    case LoadedBy::request: return "set " + setting + " in its configuration";
    case LoadedBy::server:
    case LoadedBy::start: break;
  }
  return "start its server with " + setting;
}

}  // namespace tachikoma::models
