// SPDX-License-Identifier: MIT
#include "models/memory.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/try.hpp"
#include "models/each_server.hpp"
#include "models/management.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

using Statuses = std::vector<ModelStatus>;

Result<Statuses> loaded_on_each(const calls::Providers& providers, const Residents& residents,
                                const calls::ConfiguredProvider& provider, std::stop_token stop) {
  calls::BlockingRequest request(providers, provider, std::move(stop));
  Statuses all;
  const auto take = [&](const calls::Server& server, Statuses some) {
    for (ModelStatus& each : some) {
      residents.add_use(server, each);
      if (provider.servers().all().size() > 1) each.extra.set("endpoint", server.url());
      all.push_back(std::move(each));
    }
  };
  const auto act = [&](calls::Server& server) {
    return loaded_on(request, calls::CallTarget(provider).question().on(server));
  };
  TACHIKOMA_TRY_STATUS(on_each_server<Statuses>(request, provider, act, take));
  return all;
}

// The status of a model that is not in memory: its state in the server's list.
ModelStatus absent(const calls::Providers& providers, const ManagedModel& asked, std::stop_token stop) {
  const bool unlisted = !asked.model.notice.empty();  // then it may be anywhere
  ModelStatus status{.key = asked.model.key,
                     .state = unlisted ? ModelState::unknown : ModelState::not_loaded};
  const Result<std::vector<ModelInfo>> models = providers.list_models(*asked.provider, std::move(stop));
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

Result<Statuses> loaded_on(calls::BlockingRequest& request, const calls::CallTarget& target) {
  return request.call<Statuses>(target, calls::Counts::no, [](const calls::PluginCall& call) {
    return call.server.capability<ModelManager>()->loaded(call.context);
  });
}

Result<Statuses> Management::loaded(const calls::ConfiguredProvider& provider, std::stop_token stop) const {
  TACHIKOMA_TRY_STATUS(provider.check_able<ModelManager>("list the models in memory"));
  return loaded_on_each(providers_, residents_, provider, std::move(stop));
}

LoadedListing Management::loaded_anywhere(std::stop_token stop) const {
  LoadedListing listing;
  for (const calls::ConfiguredProvider& provider : providers_.all()) {
    if (!provider.capability<ModelManager>()) {
      listing.silent.push_back(provider.id);
      continue;
    }
    Result<Statuses> models = loaded_on_each(providers_, residents_, provider, stop);
    if (!models) {
      listing.failures.push_back({provider.id, std::move(models).error()});
      continue;
    }
    for (ModelStatus& each : *models) listing.models.push_back({provider.id, std::move(each)});
  }
  return listing;
}

Result<ModelStatus> Management::status(std::string_view name, std::stop_token stop) const {
  TACHIKOMA_TRY(const ManagedModel asked, find(name, stop, "report the status of a model"));
  TACHIKOMA_TRY(Statuses all, loaded_on_each(providers_, residents_, *asked.provider, stop));
  const auto found_by = [&](auto matches) { return std::find_if(all.begin(), all.end(), matches); };
  auto found = found_by([&](const ModelStatus& each) { return each.instance == asked.model.name; });
  if (found == all.end())
    found = found_by([&](const ModelStatus& each) { return each.key == asked.model.key; });
  if (found != all.end()) return std::move(*found);
  return absent(providers_, asked, std::move(stop));
}

}  // namespace tachikoma::models
