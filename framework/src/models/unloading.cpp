// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/ascii.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "models/each_server.hpp"
#include "models/management.hpp"
#include "models/memory.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

using Names = std::vector<std::string>;

// Unloads these instances; one that is already gone is not listed.
Result<Names> unload_each(calls::BlockingRequest& request, const calls::CallTarget& target,
                          const std::vector<ModelStatus>& instances) {
  const calls::CallTarget once = target.once();
  Names unloaded;
  for (const ModelStatus& each : instances) {
    const Status done = request.call<Done>(
        once, calls::Counts::no, [instance = each.instance](const calls::PluginCall& call) {
          return call.server.capability<ModelManager>()->unload(instance, call.context);
        });
    if (done)
      unloaded.push_back(each.instance);
    else if (done.error().code != ErrorCode::model_not_found)
      return done.error();
  }
  return unloaded;
}

// The instances among `all` that the name means: that one instance, or all of the model.
std::vector<ModelStatus> chosen(const std::vector<ModelStatus>& all, const ManagedModel& asked) {
  const std::string& name = asked.name == "current" ? asked.model.name : asked.name;
  const bool alias_of_a_key = !asked.model.alias.empty() && base::same_ignoring_case(name, asked.model.key);
  if (!alias_of_a_key) {
    for (const ModelStatus& each : all)
      if (each.instance == name) return {each};
    for (const ModelStatus& each : all)
      if (base::same_ignoring_case(each.instance, name)) return {each};
  }
  std::vector<ModelStatus> instances;
  std::copy_if(all.begin(), all.end(), std::back_inserter(instances),
               [&](const ModelStatus& each) { return each.key == asked.model.key; });
  return instances;
}

Names ids_of(const std::vector<ModelStatus>& instances) {
  return base::texts_of(instances, &ModelStatus::instance);
}

Error not_in_memory(const ManagedModel& asked, const Names& others) {
  return Error(ErrorCode::model_not_found,
               "no instance of '" + asked.model.key + "' is in memory on '" + asked.provider->id + "'",
               others.empty() ? "nothing is in memory there" : "in memory: " + base::quoted_list(others),
               Value::object({{"name", asked.name}, {"near", base::array_of(others)}}));
}

// The instances, by model.
std::map<std::string, std::vector<ModelStatus>> by_key(std::vector<ModelStatus> instances) {
  std::map<std::string, std::vector<ModelStatus>> models;
  for (ModelStatus& each : instances) models[each.key].push_back(std::move(each));
  return models;
}

// Unloads, on each server, the instances that `choose` selects, once no request of this runtime uses them.
template <class Choose>
Result<Names> unload_chosen(const calls::Providers& providers, const Residents& residents,
                            const calls::ConfiguredProvider& provider, const std::stop_token& stop,
                            const Choose& choose) {
  calls::BlockingRequest request(providers, provider, stop);
  Names unloaded;
  const auto act = [&](calls::Server& server) -> Result<Names> {
    const calls::CallTarget there = calls::CallTarget(provider).on(server);
    TACHIKOMA_TRY(const std::vector<ModelStatus> all, loaded_on(request, there));
    Names names;
    for (const auto& [key, instances] : by_key(choose(all)))
      TACHIKOMA_TRY_STATUS(residents.unload(server, key, ids_of(instances), stop, [&]() -> Status {
        TACHIKOMA_TRY(Names some, unload_each(request, there, instances));
        std::move(some.begin(), some.end(), std::back_inserter(names));
        return Done{};
      }));
    return names;
  };
  const auto take = [&](const calls::Server&, Names names) {
    std::move(names.begin(), names.end(), std::back_inserter(unloaded));
  };
  TACHIKOMA_TRY_STATUS(on_each_server<Names>(request, provider, act, take));
  return unloaded;
}

}  // namespace

Result<Names> Management::unload(std::string_view name, std::stop_token stop) const {
  TACHIKOMA_TRY(const ManagedModel asked, find(name, stop, "unload models"));
  Names others;
  Result<Names> unloaded =
      unload_chosen(providers_, residents_, *asked.provider, stop, [&](const std::vector<ModelStatus>& all) {
        for (const ModelStatus& each : all) others.push_back(each.instance);
        return chosen(all, asked);
      });
  registry_.forget_list(asked.provider->id);
  if (unloaded && unloaded->empty()) return not_in_memory(asked, others);
  return unloaded;
}

Result<Names> Management::unload_all(const calls::ConfiguredProvider& provider, std::stop_token stop) const {
  TACHIKOMA_TRY_STATUS(provider.check_able<ModelManager>("unload models"));
  Result<Names> unloaded = unload_chosen(providers_, residents_, provider, stop,
                                         [](const std::vector<ModelStatus>& all) { return all; });
  registry_.forget_list(provider.id);
  return unloaded;
}

}  // namespace tachikoma::models
