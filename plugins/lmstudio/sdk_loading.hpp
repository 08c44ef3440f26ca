// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/load_fields.hpp"
#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::lmstudio {

/// A load that is prepared: what it is of, and the fields of its settings.
struct PlannedLoad {
  ModelKind kind = ModelKind::llm;
  LoadFields fields;
};

/// Encodes the settings, which were checked, for the model that is named. `models` is what LM Studio lists on
/// disk. `unsupported` when a setting needs a number that nobody knows.
Result<PlannedLoad> plan_load(Studio& studio, const LoadRequest& request, const Value& models,
                              const CallContext& context);

/// Loads over the WebSocket, and reads back what is in effect.
Result<LoadedModel> load_over_sdk(Studio& studio, const LoadRequest& request, const PlannedLoad& plan,
                                  LoadSink& sink, const CallContext& context);

}  // namespace tachikoma::lmstudio
