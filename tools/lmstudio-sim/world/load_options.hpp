// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "http/json_value.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// How to load a model.
struct LoadOptions {
  bool always = false;  ///< even when the script says that requests load nothing
  std::optional<std::int64_t> context_length = {};
  std::optional<std::string> identifier = {};
  std::optional<std::chrono::milliseconds> ttl = {};
  JsonValue settings = {};  ///< by the keys of the WebSocket's load config
  bool jit = false;
};

/// The settings that a load with the requested ones really uses: an object with the keys of the WebSocket's
/// load config. Settings that are unknown, invalid, or ignored by the script are dropped silently, as LM
/// Studio does; "max" and "off" become 1 and 0.
JsonValue effective_settings(const Script& script, const ModelSpec& model, const JsonValue& requested);

/// The context length in these settings.
std::int64_t context_of(const ModelSpec& model, const JsonValue& settings);

/// The memory that a model needs with its effective settings.
struct MemoryNeed {
  std::int64_t model = 0, context = 0;            ///< bytes, in whichever memory
  std::int64_t model_vram = 0, context_vram = 0;  ///< of these, on GPUs
  std::int64_t total() const { return model + context; }
};
MemoryNeed memory_need(const ModelSpec& model, const JsonValue& settings);

/// LM Studio's guardrail message for a model that needs this much memory.
std::string guardrail_text(std::int64_t required_bytes);

}  // namespace lmstudio_sim
