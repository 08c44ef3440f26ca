// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.hpp"
#include "models/each_server.hpp"
#include "models/management.hpp"
#include "models/memory.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

using Names = std::vector<std::string>;

// Unloads these; one that is gone meanwhile is not listed.
Result<Names> unload_each(policy::BlockingRequest& request, const ProviderSlot& server,
                          const std::vector<ModelStatus>& instances) {
  const ProviderSlot once = only_once(server);
  Names unloaded;
  for (const ModelStatus& each : instances) {
    const Status done = request.call<Done>(
        once, policy::Counts::no, [&](policy::Endpoint& endpoint, const CallContext& context) {
          return endpoint.capability<ModelManager>()->unload(each.instance, context);
        });
    if (done)
      unloaded.push_back(each.instance);
    else if (done.error().code != ErrorCode::model_not_found)
      return done.error();
  }
  return unloaded;
}

// The instances among `all` that the name means: that one instance, or all of the model.
std::vector<ModelStatus> chosen(const std::vector<ModelStatus>& all, const Asked& asked) {
  const std::string& name = asked.name == "current" ? asked.model.name : asked.name;
  const bool alias_of_a_key = !asked.model.alias.empty() && base::same_ignoring_case(name, asked.model.key);
  for (const ModelStatus& each : all)
    if (!alias_of_a_key && base::same_ignoring_case(each.instance, name)) return {each};
  std::vector<ModelStatus> instances;
  std::copy_if(all.begin(), all.end(), std::back_inserter(instances),
               [&](const ModelStatus& each) { return each.key == asked.model.key; });
  return instances;
}

Error not_in_memory(const Asked& asked, const Names& others) {
  std::string hint = "nothing is in memory there";
  Value near = Value::array();
  for (std::size_t i = 0; i < others.size(); ++i) {
    hint = i == 0 ? "in memory: '" + others[i] + "'" : hint + ", '" + others[i] + "'";
    near.push_back(others[i]);
  }
  return Error(ErrorCode::model_not_found,
               "no instance of '" + asked.model.key + "' is in memory on '" + asked.slot->id + "'",
               std::move(hint), Value::object({{"name", asked.name}, {"near", std::move(near)}}));
}

// Unloads on each server what `choose` picks of that which is in memory there; notes what else there is.
template <class Choose>
Result<Names> unload_chosen(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop,
                            const Choose& choose) {
  policy::BlockingRequest request(*core.providers, slot, std::move(stop));
  Names unloaded;
  const auto act = [&](const ProviderSlot& server) -> Result<Names> {
    const Result<std::vector<ModelStatus>> all = loaded_on(request, server);
    if (!all) return all.error();
    return unload_each(request, server, choose(*all));
  };
  const Status done = on_each_server<Names>(
      request, each_server(*core.providers, slot), act, [&](const ProviderSlot&, Names names) {
        std::move(names.begin(), names.end(), std::back_inserter(unloaded));
      });
  core.model_names->forget_list(slot.id);
  if (!done) return done.error();
  return unloaded;
}

}  // namespace

Result<Names> unload(RuntimeCore& core, const Asked& asked, std::stop_token stop) {
  Names others;
  Result<Names> unloaded =
      unload_chosen(core, *asked.slot, std::move(stop), [&](const std::vector<ModelStatus>& all) {
        for (const ModelStatus& each : all) others.push_back(each.instance);
        return chosen(all, asked);
      });
  if (unloaded && unloaded->empty()) return not_in_memory(asked, others);
  return unloaded;
}

Result<Names> unload_all(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop) {
  if (Status able = check_able<ModelManager>(slot, "unload models"); !able) return std::move(able).error();
  return unload_chosen(core, slot, std::move(stop), [](const std::vector<ModelStatus>& all) { return all; });
}

}  // namespace tachikoma::models
