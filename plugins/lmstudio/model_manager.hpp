// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::lmstudio {

/// Loads, unloads and inspects models: over LM Studio's WebSocket, which carries every setting, and over its
/// REST API where there is none.
class StudioModels final : public ModelManager {
 public:
  explicit StudioModels(Studio& studio) : studio_(studio) {}

  Result<LoadedModel> load(const LoadRequest& request, LoadSink& sink, const CallContext& context) override;
  Status unload(std::string_view instance, const CallContext& context) override;
  Result<std::vector<ModelStatus>> loaded(const CallContext& context) override;
  Result<MemoryEstimate> estimate(const LoadRequest& request, const CallContext& context) override;

 private:
  Studio& studio_;
};

}  // namespace tachikoma::lmstudio
