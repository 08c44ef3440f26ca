// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lmstudio/load_fields.hpp"
#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::lmstudio {

/// The number of layers of a model that LM Studio's SDK protocol describes; null: no description.
Sourced<std::int64_t> layers_of(const Studio& studio, const Value& model);

/// A model to estimate.
struct EstimatedModel {
  std::string_view key;
  ModelKind kind;
  std::string_view device;  ///< the device that has it; empty: LM Studio's own machine
};

/// Estimates the memory of a load with these settings. Each figure says whose memory it is of, if it is not
/// that of LM Studio's machine.
Result<MemoryEstimate> estimate_over_sdk(Studio& studio, const EstimatedModel& model,
                                         const Value& config_stack, const CallContext& context);

/// Every model in memory, most recently used first. What LM Studio does not report is unknown in its
/// status.
Result<std::vector<ModelStatus>> loaded_over_sdk(Studio& studio, const CallContext& context);

}  // namespace tachikoma::lmstudio
