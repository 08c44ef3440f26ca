// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "api/runtime_parts.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma::models {

/// A model that was named, and the provider that has it.
struct Asked {
  const ProviderSlot* slot;
  ResolvedModel model;
  std::string name;  ///< as the server is meant to know it: an instance, a key, or a part of one
};

/// The model of that name, on a provider that manages models; `ability` says in the error what it can't do.
Result<Asked> find_model(RuntimeCore& core, std::string_view name, std::stop_token stop, const char* ability);

/// The functions of `ProviderHandle` of these names. Each acts on every server of the provider.
Result<LoadedModel> load(RuntimeCore& core, const Asked& asked, LoadSettings settings,
                         const LoadCallback& on_event, std::stop_token stop);
Result<std::vector<std::string>> unload(RuntimeCore& core, const Asked& asked, std::stop_token stop);
Result<std::vector<std::string>> unload_all(RuntimeCore& core, const ProviderSlot& slot,
                                            std::stop_token stop);
Result<Downloaded> download(RuntimeCore& core, const ProviderSlot& slot, const DownloadRequest& request,
                            const DownloadCallback& on_progress, std::stop_token stop);
Result<std::vector<ModelStatus>> loaded(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop);
LoadedListing loaded_anywhere(RuntimeCore& core, std::stop_token stop);

/// These ask one server.
Result<ModelStatus> status(RuntimeCore& core, const Asked& asked, std::stop_token stop);
Result<MemoryEstimate> estimate(RuntimeCore& core, const Asked& asked, LoadSettings settings,
                                std::stop_token stop);
Result<Hardware> hardware(RuntimeCore& core, const ProviderSlot& slot, std::stop_token stop);

}  // namespace tachikoma::models
