// SPDX-License-Identifier: MIT
#include "models/memory.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "models/each_server.hpp"
#include "models/management.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

using Statuses = std::vector<ModelStatus>;

Result<Statuses> loaded_on_each(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop) {
  policy::BlockingRequest request(*core.providers, slot, std::move(stop));
  Statuses all;
  const auto take = [&](const ProviderSlot& server, Statuses some) {
    for (ModelStatus& each : some) {
      if (slot.servers.size() > 1) each.extra.set("endpoint", server.servers.front().url);
      all.push_back(std::move(each));
    }
  };
  const Status done = on_each_server<Statuses>(
      request, each_server(*core.providers, slot),
      [&](const ProviderSlot& server) { return loaded_on(request, server); }, take);
  if (!done) return done.error();
  return all;
}

// What is said of a model that is not in memory: in which state the server's list has it.
ModelStatus absent(RuntimeCore& core, const Asked& asked, std::stop_token stop) {
  ModelStatus status{.key = asked.model.key, .state = ModelState::not_loaded};
  const Result<std::vector<ModelInfo>> models = core.providers->list_models(*asked.slot, std::move(stop));
  if (models)
    for (const ModelInfo& info : *models)
      if (info.key == status.key && (info.state == ModelState::loading || info.state == ModelState::failed))
        status.state = info.state;
  const std::string basis = "the model is not in memory";
  for (auto* number : {&status.context_length, &status.gpu_layers, &status.total_layers, &status.memory_bytes,
                       &status.vram_bytes, &status.queued})
    number->basis = basis;
  status.activity.basis = status.ttl.basis = status.last_used.basis = basis;
  return status;
}

}  // namespace

Result<Statuses> loaded_on(policy::BlockingRequest& request, const ProviderSlot& server) {
  return request.call<Statuses>(server, policy::Counts::no,
                                [](policy::Endpoint& endpoint, const CallContext& context) {
                                  return endpoint.capability<ModelManager>()->loaded(context);
                                });
}

Result<Statuses> loaded(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop) {
  if (Status able = check_able<ModelManager>(slot, "tell which models are in memory"); !able)
    return std::move(able).error();
  return loaded_on_each(core, slot, std::move(stop));
}

LoadedListing loaded_anywhere(RuntimeCore& core, std::stop_token stop) {
  LoadedListing listing;
  for (const ProviderSlot& slot : core.providers->all()) {
    if (!slot.endpoints->first().capability<ModelManager>()) continue;
    Result<Statuses> models = loaded_on_each(core, slot, stop);
    if (!models) {
      listing.failures.push_back({slot.id, std::move(models).error()});
      continue;
    }
    for (ModelStatus& each : *models) listing.models.push_back({slot.id, std::move(each)});
  }
  return listing;
}

Result<ModelStatus> status(RuntimeCore& core, const Asked& asked, std::stop_token stop) {
  Result<Statuses> all = loaded_on_each(core, *asked.slot, stop);
  if (!all) return std::move(all).error();
  const auto found_by = [&](auto matches) { return std::find_if(all->begin(), all->end(), matches); };
  auto found = found_by([&](const ModelStatus& each) { return each.instance == asked.model.name; });
  if (found == all->end())
    found = found_by([&](const ModelStatus& each) { return each.key == asked.model.key; });
  if (found != all->end()) return std::move(*found);
  return absent(core, asked, std::move(stop));
}

}  // namespace tachikoma::models
