// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "script.hpp"
#include "tachikoma/plugin/value.hpp"

namespace lmstudio_sim {

/// One token of an answer.
struct Piece {
  bool reasoning = false;
  std::string text;
};

/// What an answer says, before limits: from the writer or from the script.
struct Answer {
  std::vector<std::string> reasoning, content;  ///< tokens
  std::string finish = "stop";
};

/// What the request limits.
struct Limits {
  std::optional<std::int64_t> max_tokens;  ///< unset is unlimited
  std::vector<std::string> stop;
};

/// An answer as it will be sent.
struct Generation {
  std::vector<Piece> pieces;
  std::string finish;
  std::int64_t prompt_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::chrono::microseconds delay{0};  ///< before each token

  /// All text of the answer, or of its reasoning.
  std::string text(bool reasoning) const;
  tachikoma::Value usage() const;
};

/// Applies the limits. `max_tokens` counts reasoning too; a stop string looks at the content alone, is
/// found across tokens, and is cut away with what follows it. Without a dialect there is no reasoning.
Generation limit_answer(const Answer& answer, const Limits& limits, ReasoningDialect dialect);

}  // namespace lmstudio_sim
