// SPDX-License-Identifier: MIT
// What a registry of models is made from.
#include <filesystem>
#include <system_error>
#include <utility>

#include "models/model_registry.hpp"

namespace tachikoma {
namespace {

std::string folder_of(const std::string& file) {
  std::error_code ignored;
  return file.empty() ? file : std::filesystem::absolute(file, ignored).parent_path().string();
}

// A path in the configuration is relative to its file, not to where the program runs.
std::string from_folder(const std::string& name, const std::string& folder) {
  const std::size_t at = name.find(kSeparator);
  const std::size_t start = at == std::string::npos ? 0 : at + kSeparator.size();
  const std::string_view path = std::string_view(name).substr(start);
  if (!path.starts_with("./") && !path.starts_with("../")) return name;
  return name.substr(0, start) + file_path(path, folder);
}

std::vector<models::Alias> with_fallbacks_from(const std::string& folder,
                                               const std::vector<ModelConfig>& given) {
  std::vector<models::Alias> aliases(given.begin(), given.end());
  for (models::Alias& alias : aliases)
    for (std::string& each : alias.fallback) each = from_folder(each, folder);
  return aliases;
}

// With one provider, there is only one current model.
std::string default_model(const Config& config, const calls::Providers& providers) {
  if (config.default_model.empty() && providers.all().size() == 1)
    return providers.all().front().id + std::string(kSeparator) + std::string(kCurrent);
  return from_folder(config.default_model, folder_of(config.file));
}

bool has_same_servers(const calls::ConfiguredProvider& a, const calls::ConfiguredProvider& b) {
  return &a.servers().first().provider() == &b.servers().first().provider();
}

}  // namespace

ModelRegistry::Impl::Impl(const Config& config, std::shared_ptr<const calls::Providers> providers,
                          const Impl* before)
    : aliases_(with_fallbacks_from(folder_of(config.file), config.models)),
      folder_(folder_of(config.file)),
      has_default_(!config.default_model.empty()),
      default_model_(default_model(config, *providers)),
      default_embedding_model_(from_folder(config.default_embedding_model, folder_of(config.file))),
      default_load_(config.default_load),
      default_inference_(config.default_inference),
      providers_(std::move(providers)),
      lists_(*providers_) {
  if (!before) return;
  for (const calls::ConfiguredProvider& provider : providers_->all())
    if (const auto same = before->providers_->find(provider.id); same && has_same_servers(provider, **same))
      lists_.take_over(provider, before->lists_);
  const std::lock_guard lock(before->mutex_);
  const std::string& selected = before->selected_;
  if (aliases_.find(selected) || !before->aliases_.find(selected)) selected_ = selected;
}

}  // namespace tachikoma
