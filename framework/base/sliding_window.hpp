// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/gguf.hpp"

namespace tachikoma::base {

/// How many tokens the layers with a sliding window look back; 0: llama.cpp gives none of this model's layers
/// one.
std::int64_t sliding_window(const GgufModel& model);

/// True if that layer has a sliding window.
bool slides(const GgufModel& model, std::int64_t layer);

}  // namespace tachikoma::base
