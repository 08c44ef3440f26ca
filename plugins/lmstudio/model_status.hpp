// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lmstudio/load_fields.hpp"
#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::lmstudio {

/// How many layers the model has that LM Studio's SDK protocol describes; null: it describes none.
Sourced<std::int64_t> layers_of(const Studio& studio, const Value& model);

/// What loading it with these settings would take.
Result<MemoryEstimate> estimate_over_sdk(Studio& studio, std::string_view key, ModelKind kind,
                                         const Value& config_stack, const CallContext& context);

/// Every model in memory, the one used last first. What LM Studio does not tell of one is unknown in its
/// status.
Result<std::vector<ModelStatus>> loaded_over_sdk(Studio& studio, const CallContext& context);

}  // namespace tachikoma::lmstudio
