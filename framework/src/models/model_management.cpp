// SPDX-License-Identifier: MIT
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace {
Error not_yet() { return Error(ErrorCode::unsupported, "models can't be managed yet"); }
}  // namespace

Result<LoadedModel> ProviderHandle::load_model(std::string_view, LoadSettings, const LoadCallback&,
                                               std::stop_token) const {
  return not_yet();
}
Result<std::vector<std::string>> ProviderHandle::unload_model(std::string_view, std::stop_token) const {
  return not_yet();
}
Result<std::vector<std::string>> ProviderHandle::unload_all(std::stop_token) const { return not_yet(); }
Result<ModelStatus> ProviderHandle::model_status(std::string_view, std::stop_token) const {
  return not_yet();
}
Result<std::vector<ModelStatus>> ProviderHandle::loaded_models(std::stop_token) const { return not_yet(); }
Result<MemoryEstimate> ProviderHandle::estimate_load(std::string_view, LoadSettings, std::stop_token) const {
  return not_yet();
}
Result<Downloaded> ProviderHandle::download_model(const DownloadRequest&, const DownloadCallback&,
                                                  std::stop_token) const {
  return not_yet();
}
Result<Hardware> ProviderHandle::hardware(std::stop_token) const { return not_yet(); }

Result<LoadedModel> Runtime::load_model(std::string_view, LoadSettings, const LoadCallback&,
                                        std::stop_token) {
  return not_yet();
}
Result<std::vector<std::string>> Runtime::unload_model(std::string_view, std::stop_token) {
  return not_yet();
}
Result<ModelStatus> Runtime::model_status(std::string_view, std::stop_token) { return not_yet(); }
Result<MemoryEstimate> Runtime::estimate_load(std::string_view, LoadSettings, std::stop_token) {
  return not_yet();
}
LoadedListing Runtime::loaded_models(std::stop_token) { return {}; }

}  // namespace tachikoma
