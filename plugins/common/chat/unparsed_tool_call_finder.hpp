// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/chat/pending_text.hpp"
#include "common/chat/unparsed_tool_call.hpp"

namespace tachikoma::kit {

/// Finds tool calls that a server did not recognise and left in the text of an answer, in the marks of any
/// form
/// (`call_forms`), or as the whole of an answer without marks, however the text is cut. What can't be parsed
/// as a call stays text. Not synchronised.
class UnparsedToolCallFinder {
 public:
  struct Piece {
    enum class Kind : std::uint8_t {
      text,
      call,        ///< `call`
      unreadable,  ///< the text before has the marks of a call but is not one
    };
    Kind kind = Kind::text;
    std::string_view text = {};
    UnparsedToolCall call = {};
  };

  /// `tools`, those that the model may call, must outlive it. Without `bare`, marks are required.
  explicit UnparsedToolCallFinder(std::span<const ToolSpec> tools, bool bare = true)
      : tools_(tools), bare_(bare) {}

  /// `text` must stay unchanged until `next` returns nothing.
  void feed(std::string_view text) { pending_.feed(text); }
  /// The next piece. Lives until the next call.
  std::optional<Piece> next();
  /// The text ends here, at least for now: `next` returns what was held back. More text may follow.
  void flush() { flushing_ = true; }

 private:
  enum class State : std::uint8_t {
    leading,  // only blanks so far: they go with a call that follows
    text,
    bare,    // the answer is a call without marks, still pending
    call,    // behind an opening mark, which is still pending
    called,  // behind a call: blanks are removed with it
  };

  std::optional<Piece> step();
  std::optional<Piece> read_text();
  void drop_ends();
  std::optional<Piece> read_bare();
  std::optional<Piece> read_call();
  std::optional<Piece> end_call(std::size_t end, std::size_t rest);
  std::optional<Piece> end_calls(std::vector<UnparsedToolCall> calls, std::size_t size);
  std::optional<Piece> take_text(std::size_t size);

  std::span<const ToolSpec> tools_;
  const bool bare_;
  PendingText pending_;
  State state_ = State::leading;
  std::size_t form_ = 0;                 // of the opening mark
  std::size_t searched_ = 0;             // of the pending text, for the closing mark
  std::vector<UnparsedToolCall> calls_;  // found but not returned yet, the last one first
  bool unreadable_ = false;
  bool flushing_ = false;
};

}  // namespace tachikoma::kit
