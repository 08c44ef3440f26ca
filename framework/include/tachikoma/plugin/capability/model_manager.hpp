// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Offered by a provider whose server loads and unloads models on request. [thread-safe]
class ModelManager {
 public:
  static constexpr std::string_view kId = "tachikoma.model-manager/1";

  /// Loads `request.key` once more, whether it is in memory or not. A setting is delivered, or listed as
  /// unapplied with the reason, or refused with `unsupported` before anything happens. Cancelling ends the
  /// load on the server too. `model_not_found`, `insufficient_memory`, `invalid_argument`.
  virtual Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink,
                                   const CallContext& context) = 0;
  /// Removes one instance from memory. `model_not_found` when it is not there.
  virtual Status unload(std::string_view instance, const CallContext& context) = 0;
  /// Every model in memory, the one used last first.
  virtual Result<std::vector<ModelStatus>> loaded(const CallContext& context) = 0;
  /// What `load` would take, without loading. `unsupported` where the server can't tell.
  virtual Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) = 0;
  /// True when a request for a model that is not in memory loads it with the settings of its `CallContext`;
  /// false when the server does that by itself, with its own.
  virtual bool loads_as_configured() const { return false; }

 protected:
  ~ModelManager() = default;
};

}  // namespace tachikoma
