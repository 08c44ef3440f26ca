// SPDX-License-Identifier: MIT
#include <memory>
#include <utility>

#include "api/runtime_parts.hpp"
#include "base/try.hpp"
#include "diagnose/diagnosis.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace {

/// A provider, and the parts that it is one of.
struct ProviderInUse {
  PartsInUse parts;
  const calls::ConfiguredProvider& provider;
};

Result<ProviderInUse> use(RuntimeParts& runtime, std::string_view id) {
  PartsInUse parts = runtime.use();
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider, parts->providers.find(id));
  return ProviderInUse{std::move(parts), *provider};
}

}  // namespace

ProviderHandle::ProviderHandle(std::shared_ptr<RuntimeParts> parts, std::string id)
    : parts_(std::move(parts)), id_(std::move(id)) {}

const std::string& ProviderHandle::id() const { return id_; }

std::string ProviderHandle::on_this(std::string_view name) const {
  return id_ + "::" + std::string(name.empty() ? "current" : name);
}

Result<Health> ProviderHandle::health(std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->providers.health(used.provider, std::move(stop));
}
Result<std::vector<ModelInfo>> ProviderHandle::list_models(std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->providers.list_models(used.provider, std::move(stop));
}

Result<LoadedModel> ProviderHandle::load_model(std::string_view name, LoadSettings settings,
                                               const LoadCallback& on_event, std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.load(on_this(name), std::move(settings), on_event, std::move(stop));
}
Result<std::vector<std::string>> ProviderHandle::unload_model(std::string_view name,
                                                              std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.unload(on_this(name), std::move(stop));
}
Result<std::vector<std::string>> ProviderHandle::unload_all(std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.unload_all(used.provider, std::move(stop));
}
Result<ModelStatus> ProviderHandle::model_status(std::string_view name, std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.status(on_this(name), std::move(stop));
}
Result<std::vector<ModelStatus>> ProviderHandle::loaded_models(std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.loaded(used.provider, std::move(stop));
}
Result<MemoryEstimate> ProviderHandle::estimate_load(std::string_view name, LoadSettings settings,
                                                     std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.estimate(on_this(name), std::move(settings), std::move(stop));
}
Result<Downloaded> ProviderHandle::download_model(const DownloadRequest& request,
                                                  const DownloadCallback& on_progress,
                                                  std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.download(used.provider, request, on_progress, std::move(stop));
}
Result<Hardware> ProviderHandle::hardware(std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  return used.parts->management.hardware(used.provider, std::move(stop));
}
Result<Diagnosis> ProviderHandle::diagnose(const DiagnosisOptions& options, std::stop_token stop) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  const ConfiguredParts& parts = *used.parts;
  return diagnose::diagnose({parts.providers, parts.registry, parts.generator}, used.provider, options,
                            std::move(stop));
}

Result<Reply> ProviderHandle::generate_text(TextRequest request) const {
  return stream_text(std::move(request), {});
}
Result<Reply> ProviderHandle::stream_text(TextRequest request, const DeltaCallback& on_delta) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  request.model = on_this(request.model);
  return used.parts->generator.generate({std::move(request)}, on_delta);
}
Result<TextStream> ProviderHandle::stream_text(TextRequest request) const {
  TACHIKOMA_TRY(const ProviderInUse used, use(*parts_, id_));
  request.model = on_this(request.model);
  return stream(used.parts, std::move(request));
}

}  // namespace tachikoma
