// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_value.hpp"
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
  std::size_t call = 0;  ///< of the last two kinds: an index into `Generation::calls`
};

/// What an answer says, before limits: from the writer or from the script.
struct Reply {
  std::vector<std::string> reasoning = {}, content = {};  ///< tokens
  std::vector<ToolCall> calls = {};
  ToolQuirks quirks = {};
  ReasoningDialect dialect = ReasoningDialect::none;
  std::string finish = {};  ///< empty: `tool_calls` when there are calls, else `stop`
};

/// What the request limits.
struct Limits {
  std::optional<std::int64_t> max_tokens;  ///< unset is unlimited
  std::vector<std::string> stop;
};

/// An answer as it will be sent.
struct Generation {
  std::vector<Piece> pieces;
  std::vector<ToolCall> calls;  ///< with ids; `arguments` as far as the pieces have them
  ToolQuirks quirks;
  ReasoningDialect dialect = ReasoningDialect::none;
  std::string finish;
  std::string stop_string;  ///< what ended it; empty: none did
  std::int64_t prompt_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::int64_t uncounted = 0;                ///< pieces that the usage leaves out
  std::chrono::microseconds prompt_time{0};  ///< before the first token
  std::chrono::microseconds delay{0};        ///< before each token

  /// All text of that kind.
  std::string text(Piece::Kind kind) const;
  JsonValue usage() const;
};

/// Why it ended, in the words of /api/v0 and of the WebSocket.
std::string_view stop_reason(const Generation& generation);

/// How a draft model did: three of four of its guesses are right.
struct DraftCounts {
  std::int64_t total = 0, accepted = 0, rejected = 0;
};
DraftCounts draft_counts(std::int64_t tokens);

/// Applies the limits. `max_tokens` counts reasoning and calls too; a stop string looks at the content
/// alone, is found across tokens, and is cut away with what follows it. Without a dialect there is no
/// reasoning.
Generation limit_reply(const Reply& reply, const Limits& limits);

/// Gives calls without an id one of LM Studio's form, nine digits; `request` makes them differ.
void number_calls(Generation& generation, std::uint64_t request);

}  // namespace lmstudio_sim
