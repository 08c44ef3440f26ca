// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// Reads the usage and the speed from the statistics of LM Studio's replies.
inline void read_lmstudio_stats(const Value& stats, ChatOutcome& outcome) {
  const auto read = [&](std::string_view key, std::optional<std::int64_t>& tokens) {
    if (const Value& value = stats[key]; value.as_integer(-1) >= 0) tokens = value.as_integer();
  };
  read("input_tokens", outcome.usage.prompt_tokens);
  read("total_output_tokens", outcome.usage.completion_tokens);
  read("reasoning_output_tokens", outcome.usage.reasoning_tokens);
  // an answer of a single token has no speed, whatever they say
  if (const double speed = stats["tokens_per_second"].as_real();
      speed > 0 && outcome.usage.completion_tokens.value_or(2) > 1)
    outcome.tokens_per_second = {speed, Source::reported, "LM Studio's statistics of the reply"};
}

}  // namespace tachikoma::kit
