// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world/script.hpp"

namespace lmstudio_sim {

/// One token of a reply.
struct Piece {
  enum class Kind : std::uint8_t {
    reasoning,
    content,
    call,       ///< a tool call begins; its name is the token
    arguments,  ///< a piece of its arguments
  };
  Kind kind = Kind::content;
  std::string text;
  std::size_t call = 0;  ///< index into `Generation::calls`, for the last two kinds
};

/// The content of an answer before limits are applied, from the writer or from the script.
struct Reply {
  std::vector<std::string> reasoning = {}, content = {};  ///< tokens
  std::vector<ToolCall> calls = {};
  ToolQuirks quirks = {};
  ReasoningDialect dialect = ReasoningDialect::none;
  std::string finish = {};  ///< empty: `tool_calls` when there are calls, else `stop`
};

/// The limits of a request.
struct Limits {
  std::optional<std::int64_t> max_tokens;  ///< unset: unlimited
  std::vector<std::string> stop;
};

/// An answer as it will be sent.
struct Generation {
  std::vector<Piece> pieces;
  std::vector<ToolCall> calls;  ///< with ids, and as much of `arguments` as the pieces contain
  ToolQuirks quirks;
  ReasoningDialect dialect = ReasoningDialect::none;
  std::string finish;
  std::string stop_string;  ///< that ended it; empty: none
  std::int64_t prompt_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::int64_t uncounted = 0;                ///< pieces that the usage does not count
  std::chrono::microseconds prompt_time{0};  ///< before the first token
  std::chrono::microseconds delay{0};        ///< before each token

  /// All text of that kind.
  std::string text(Piece::Kind kind) const;
};

/// Why it ended, as /api/v0 and the WebSocket name it.
std::string_view stop_reason(const Generation& generation);

/// The result of a draft model: three of four guesses are right.
struct DraftCounts {
  std::int64_t total = 0, accepted = 0, rejected = 0;
};
DraftCounts draft_counts(std::int64_t tokens);

/// Applies the limits. `max_tokens` also counts reasoning and calls. A stop string is searched for in the
/// content only, also across tokens, and removed with everything after it. Without a dialect there is no
/// reasoning.
Generation limit_reply(const Reply& reply, const Limits& limits);

/// Gives calls without an id one like LM Studio's, nine digits, derived from `request`.
void number_calls(Generation& generation, std::uint64_t request);

}  // namespace lmstudio_sim
