// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::lmstudio {

/// Every model on LM Studio's disk, and its instances in memory, over the WebSocket: for when the HTTP server
/// is off.
Result<std::vector<ModelInfo>> list_over_sdk(Studio& studio, const CallContext& context);

}  // namespace tachikoma::lmstudio
