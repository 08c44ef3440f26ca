// SPDX-License-Identifier: MIT
#include <memory>
#include <utility>

#include "api/runtime_parts.hpp"
#include "diagnose/diagnosis.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace {

const calls::ConfiguredProvider& provider_of(const RuntimeParts& parts, std::string_view id) {
  return **parts.providers->find(id);  // the handle was made for one that is there
}

}  // namespace

ProviderHandle::ProviderHandle(std::shared_ptr<RuntimeParts> parts, std::string id)
    : parts_(std::move(parts)), id_(std::move(id)) {}

const std::string& ProviderHandle::id() const { return id_; }

std::string ProviderHandle::on_this(std::string_view name) const {
  return id_ + "::" + std::string(name.empty() ? "current" : name);
}

Result<Health> ProviderHandle::health(std::stop_token stop) const {
  return parts_->providers->health(provider_of(*parts_, id_), std::move(stop));
}
Result<std::vector<ModelInfo>> ProviderHandle::list_models(std::stop_token stop) const {
  return parts_->providers->list_models(provider_of(*parts_, id_), std::move(stop));
}

Result<LoadedModel> ProviderHandle::load_model(std::string_view name, LoadSettings settings,
                                               const LoadCallback& on_event, std::stop_token stop) const {
  const auto parts = parts_;
  return parts->management.load(on_this(name), std::move(settings), on_event, std::move(stop));
}
Result<std::vector<std::string>> ProviderHandle::unload_model(std::string_view name,
                                                              std::stop_token stop) const {
  return parts_->management.unload(on_this(name), std::move(stop));
}
Result<std::vector<std::string>> ProviderHandle::unload_all(std::stop_token stop) const {
  return parts_->management.unload_all(provider_of(*parts_, id_), std::move(stop));
}
Result<ModelStatus> ProviderHandle::model_status(std::string_view name, std::stop_token stop) const {
  return parts_->management.status(on_this(name), std::move(stop));
}
Result<std::vector<ModelStatus>> ProviderHandle::loaded_models(std::stop_token stop) const {
  return parts_->management.loaded(provider_of(*parts_, id_), std::move(stop));
}
Result<MemoryEstimate> ProviderHandle::estimate_load(std::string_view name, LoadSettings settings,
                                                     std::stop_token stop) const {
  return parts_->management.estimate(on_this(name), std::move(settings), std::move(stop));
}
Result<Downloaded> ProviderHandle::download_model(const DownloadRequest& request,
                                                  const DownloadCallback& on_progress,
                                                  std::stop_token stop) const {
  const auto parts = parts_;
  return parts->management.download(provider_of(*parts, id_), request, on_progress, std::move(stop));
}
Result<Hardware> ProviderHandle::hardware(std::stop_token stop) const {
  return parts_->management.hardware(provider_of(*parts_, id_), std::move(stop));
}
Result<Diagnosis> ProviderHandle::diagnose(const DiagnosisOptions& options, std::stop_token stop) const {
  return diagnose::diagnose({*parts_->providers, *parts_->registry, parts_->generator},
                            provider_of(*parts_, id_), options, std::move(stop));
}

Result<Reply> ProviderHandle::generate_text(TextRequest request) const {
  return stream_text(std::move(request), {});
}
Result<Reply> ProviderHandle::stream_text(TextRequest request, const DeltaCallback& on_delta) const {
  const auto parts = parts_;
  request.model = on_this(request.model);
  return parts->generator.generate({std::move(request)}, on_delta);
}
Result<TextStream> ProviderHandle::stream_text(TextRequest request) const {
  request.model = on_this(request.model);
  return parts_->generator.stream({std::move(request)}, parts_);
}

}  // namespace tachikoma
