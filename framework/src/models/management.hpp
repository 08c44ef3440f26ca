// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "calls/providers.hpp"
#include "models/model_registry.hpp"
#include "models/residents.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma::models {

/// A named model, and its provider.
struct ManagedModel {
  const calls::ConfiguredProvider* provider;
  ResolvedModel model;
  std::string name;  ///< for the server: an instance, a key, or a part of one
};

/// Implements the members of `Runtime` and `ProviderHandle` with these names. Thread-safe.
class Management {
 public:
  /// All must outlive it.
  Management(const calls::Providers& providers, ModelRegistry::Impl& registry, const Residents& residents)
      : providers_(providers), registry_(registry), residents_(residents) {}

  // each acts on every server of the model's provider
  Result<LoadedModel> load(std::string_view name, LoadSettings settings, const LoadCallback& on_event,
                           std::stop_token stop) const;
  Result<std::vector<std::string>> unload(std::string_view name, std::stop_token stop) const;
  Result<std::vector<std::string>> unload_all(const calls::ConfiguredProvider& provider,
                                              std::stop_token stop) const;
  Result<Downloaded> download(const calls::ConfiguredProvider& provider, const DownloadRequest& request,
                              const DownloadCallback& on_progress, std::stop_token stop) const;
  Result<ModelStatus> status(std::string_view name, std::stop_token stop) const;
  Result<std::vector<ModelStatus>> loaded(const calls::ConfiguredProvider& provider,
                                          std::stop_token stop) const;
  /// On every provider that manages models.
  LoadedListing loaded_anywhere(std::stop_token stop) const;

  // these ask one server
  Result<MemoryEstimate> estimate(std::string_view name, LoadSettings settings, std::stop_token stop) const;
  Result<Hardware> hardware(const calls::ConfiguredProvider& provider, std::stop_token stop) const;

 private:
  // The model with that name, on a provider that manages models; `ability` names the missing ability in the
  // error.
  Result<ManagedModel> find(std::string_view name, std::stop_token stop, const char* ability) const;

  const calls::Providers& providers_;
  ModelRegistry::Impl& registry_;
  const Residents& residents_;
};

}  // namespace tachikoma::models
