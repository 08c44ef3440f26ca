// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/load_fields.hpp"
#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::lmstudio {

/// A prepared load: the model, and the fields of its settings.
struct PlannedLoad {
  ModelKind kind = ModelKind::llm;
  LoadFields fields;
  std::string device = {};  ///< the device that has the model, if it is not LM Studio's own
};

/// Encodes the checked settings for the named model. `models` are those that LM Studio lists on
/// disk. Fails with `unsupported` if a setting needs a number that is unknown.
Result<PlannedLoad> plan_load(Studio& studio, const LoadRequest& request, const Value& models,
                              const CallContext& context);

/// Loads over the WebSocket, and reads back the effective settings.
Result<LoadedModel> load_over_sdk(Studio& studio, const LoadRequest& request, const PlannedLoad& plan,
                                  LoadSink& sink, const CallContext& context);

}  // namespace tachikoma::lmstudio
