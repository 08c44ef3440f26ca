// SPDX-License-Identifier: MIT
#include "models/management.hpp"

#include <utility>

#include "calls/retry.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace models {

Result<Asked> find_model(RuntimeCore& core, std::string_view name, std::stop_token stop,
                         const char* ability) {
  Result<ResolvedModel> model = core.models.resolve(name, std::move(stop));
  if (!model) return std::move(model).error();
  const Result<const ProviderSlot*> slot = core.providers->find(model->provider);
  if (!slot) return slot.error();
  if (Status able = check_able<ModelManager>(**slot, ability); !able) return std::move(able).error();
  return Asked{*slot, *std::move(model), core.model_names->name_on_server(name)};
}

Result<Hardware> hardware(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop) {
  if (Status able = check_able<HardwareSurvey>(slot, "tell what it runs on"); !able)
    return std::move(able).error();
  return policy::call_provider<Hardware>(*core.providers, slot, std::move(stop), policy::Counts::no,
                                         [](policy::Endpoint& endpoint, const CallContext& context) {
                                           return endpoint.capability<HardwareSurvey>()->survey(context);
                                         });
}

namespace {

Result<LoadedModel> load_named(RuntimeCore& core, std::string_view name, LoadSettings settings,
                               const LoadCallback& on_event, std::stop_token stop) {
  const Result<Asked> asked = find_model(core, name, stop, "load models");
  if (!asked) return asked.error();
  return load(core, *asked, std::move(settings), on_event, std::move(stop));
}

Result<std::vector<std::string>> unload_named(RuntimeCore& core, std::string_view name,
                                              std::stop_token stop) {
  const Result<Asked> asked = find_model(core, name, stop, "unload models");
  if (!asked) return asked.error();
  return unload(core, *asked, std::move(stop));
}

Result<ModelStatus> status_of_named(RuntimeCore& core, std::string_view name, std::stop_token stop) {
  const Result<Asked> asked = find_model(core, name, stop, "tell how a model does");
  if (!asked) return asked.error();
  return status(core, *asked, std::move(stop));
}

Result<MemoryEstimate> estimate_named(RuntimeCore& core, std::string_view name, LoadSettings settings,
                                      std::stop_token stop) {
  const Result<Asked> asked = find_model(core, name, stop, "estimate what a load takes");
  if (!asked) return asked.error();
  return estimate(core, *asked, std::move(settings), std::move(stop));
}

}  // namespace
}  // namespace models

Result<LoadedModel> ProviderHandle::load_model(std::string_view name, LoadSettings settings,
                                               const LoadCallback& on_event, std::stop_token stop) const {
  return models::load_named(*core_, on_this(name), std::move(settings), on_event, std::move(stop));
}
Result<std::vector<std::string>> ProviderHandle::unload_model(std::string_view name,
                                                              std::stop_token stop) const {
  return models::unload_named(*core_, on_this(name), std::move(stop));
}
Result<std::vector<std::string>> ProviderHandle::unload_all(std::stop_token stop) const {
  return models::unload_all(*core_, **core_->providers->find(id_), std::move(stop));
}
Result<ModelStatus> ProviderHandle::model_status(std::string_view name, std::stop_token stop) const {
  return models::status_of_named(*core_, on_this(name), std::move(stop));
}
Result<std::vector<ModelStatus>> ProviderHandle::loaded_models(std::stop_token stop) const {
  return models::loaded(*core_, **core_->providers->find(id_), std::move(stop));
}
Result<MemoryEstimate> ProviderHandle::estimate_load(std::string_view name, LoadSettings settings,
                                                     std::stop_token stop) const {
  return models::estimate_named(*core_, on_this(name), std::move(settings), std::move(stop));
}
Result<Downloaded> ProviderHandle::download_model(const DownloadRequest& request,
                                                  const DownloadCallback& on_progress,
                                                  std::stop_token stop) const {
  return models::download(*core_, **core_->providers->find(id_), request, on_progress, std::move(stop));
}
Result<Hardware> ProviderHandle::hardware(std::stop_token stop) const {
  return models::hardware(*core_, **core_->providers->find(id_), std::move(stop));
}

Result<LoadedModel> Runtime::load_model(std::string_view name, LoadSettings settings,
                                        const LoadCallback& on_event, std::stop_token stop) {
  return models::load_named(*core_, name, std::move(settings), on_event, std::move(stop));
}
Result<std::vector<std::string>> Runtime::unload_model(std::string_view name, std::stop_token stop) {
  return models::unload_named(*core_, name, std::move(stop));
}
Result<ModelStatus> Runtime::model_status(std::string_view name, std::stop_token stop) {
  return models::status_of_named(*core_, name, std::move(stop));
}
Result<MemoryEstimate> Runtime::estimate_load(std::string_view name, LoadSettings settings,
                                              std::stop_token stop) {
  return models::estimate_named(*core_, name, std::move(settings), std::move(stop));
}
LoadedListing Runtime::loaded_models(std::stop_token stop) {
  return models::loaded_anywhere(*core_, std::move(stop));
}

}  // namespace tachikoma
