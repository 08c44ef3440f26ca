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

  /// Loads a new instance of `request.key`, even if one is in memory. Each setting is delivered, or listed as
  /// unapplied with the reason, or refused with `unsupported` before anything happens. Cancelling ends the
  /// load on the server too. Fails with `model_not_found`, `insufficient_memory` or `invalid_argument`.
  virtual Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink,
                                   const CallContext& context) = 0;
  /// Unloads one instance. Fails with `model_not_found` if it is not in memory.
  virtual Status unload(std::string_view instance, const CallContext& context) = 0;
  /// Every model in memory, most recently used first.
  virtual Result<std::vector<ModelStatus>> loaded(const CallContext& context) = 0;
  /// How much memory `load` would need; loads nothing. Fails with `unsupported` if the server can't tell.
  virtual Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) = 0;
  /// True if only `load` brings a model into memory there, and nobody else can load or unload: a request for
  /// one that is not there fails with `model_not_found`, or says why the model can't do that. Its host
  /// unloads what was not used for the `ttl` of its load. False for a server that other programs use too, and
  /// which may load what a request asks for.
  virtual bool owns_its_models() const { return false; }
  /// True if `load` applies the settings of its request; false for a server that loads a model with settings
  /// of its own. Fails with `unsupported` if the server can't load models at all.
  virtual Result<bool> applies_settings(const CallContext& /*context*/) { return true; }

 protected:
  ~ModelManager() = default;
};

}  // namespace tachikoma
