// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "http/json_value.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// What a load with these wishes is really done with: an object, from the keys of the WebSocket's load
/// config to their values. What is unknown, has a wrong form, or is ignored by the script, is dropped
/// without a word, as LM Studio does; "max" and "off" become 1 and 0.
JsonValue effective_settings(const Script& script, const ModelSpec& model, const JsonValue& requested);

/// The context in these settings.
std::int64_t context_of(const ModelSpec& model, const JsonValue& settings);

/// What a model needs in memory under its effective settings.
struct MemoryNeed {
  std::int64_t model = 0, context = 0;            ///< bytes, wherever they are
  std::int64_t model_vram = 0, context_vram = 0;  ///< of these, on GPUs
  std::int64_t total() const { return model + context; }
};
MemoryNeed memory_need(const ModelSpec& model, const JsonValue& settings);

/// What LM Studio's load guardrail says about a model that needs so much.
std::string guardrail_text(std::int64_t required_bytes);

}  // namespace lmstudio_sim
