// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// Reads the speeds and the cached tokens from the `timings` of llama.cpp's server.
inline void read_llamacpp_timings(const Value& timings, ChatOutcome& outcome) {
  constexpr std::string_view kBasis = "llama.cpp's timings";
  /// With fewer tokens, what the server counts beside its time makes a difference of over 5 %.
  constexpr std::int64_t kFew = 20;
  if (const Value& cached = timings["cache_n"]; cached.as_integer(-1) >= 0)
    outcome.usage.cached_tokens = cached.as_integer();

  const auto speed = [&](std::string_view per_second) -> Sourced<double> {
    const double rate = timings[per_second].as_real();
    if (!(rate > 0)) return {};
    return {rate, Source::reported, std::string(kBasis)};
  };
  // a server counts the first token, whose time it adds to that of the prompt
  const std::int64_t written = timings["predicted_n"].as_integer(kFew);
  const double milliseconds = timings["predicted_ms"].as_real();
  if (written >= kFew)
    outcome.tokens_per_second = speed("predicted_per_second");
  else if (written >= 2 && milliseconds > 0)
    outcome.tokens_per_second = {static_cast<double>(written - 1) * 1000 / milliseconds, Source::reported,
                                 std::string(kBasis) + ", without the first token"};
  // a few tokens behind a cached prompt show nothing of how fast prompts are read
  if (timings["prompt_n"].as_integer(kFew) >= kFew)
    outcome.prompt_tokens_per_second = speed("prompt_per_second");
}

}  // namespace tachikoma::kit
