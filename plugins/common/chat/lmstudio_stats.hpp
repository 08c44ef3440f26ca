// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// Reads the usage from the statistics of LM Studio's native replies.
inline void read_lmstudio_usage(const Value& stats, Usage& usage) {
  const auto read = [&](std::string_view key, std::optional<std::int64_t>& tokens) {
    if (const Value& value = stats[key]; value.as_integer(-1) >= 0) tokens = value.as_integer();
  };
  read("input_tokens", usage.prompt_tokens);
  read("total_output_tokens", usage.completion_tokens);
  read("reasoning_output_tokens", usage.reasoning_tokens);
}

}  // namespace tachikoma::kit
