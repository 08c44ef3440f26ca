// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/chat/answer_piece.hpp"
#include "common/chat/pending_text.hpp"

namespace tachikoma::kit {

/// Reads OpenAI's Harmony format, which gpt-oss writes and some servers pass on as it is: messages with a
/// header that names their channel and, for tool calls, their recipient.
///
///     <|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>
///
/// A text that does not start like this is not Harmony and comes out unchanged. Not synchronised.
class HarmonyReader {
 public:
  /// `text` is UTF-8 and must stay unchanged until `next` returns nothing.
  void feed(std::string_view text) { pending_.feed(text); }
  /// The next piece: text of any channel, the start of a call, or arguments. Lives until the next call.
  std::optional<AnswerPiece> next();
  /// The text has ended: `next` returns what was held back.
  void finish() { finished_ = true; }
  /// True if the text is Harmony; false if it is not, or while undecided.
  bool active() const { return state_ == State::header || state_ == State::body; }
  /// True if the text is known not to be Harmony, and nothing is held back.
  bool passes_all() const { return state_ == State::other && pending_.empty(); }

 private:
  enum class State : std::uint8_t {
    leading,  // only blanks so far
    header,
    body,
    other,  // not Harmony, or no longer
  };

  std::optional<AnswerPiece> step();
  void read_lead();
  std::optional<AnswerPiece> read_header();
  std::optional<AnswerPiece> start_message(std::string_view header);
  std::optional<AnswerPiece> read_body();
  std::optional<AnswerPiece> pass();
  std::optional<AnswerPiece> take_text(std::size_t size);

  PendingText pending_;
  State state_ = State::leading;
  Channel channel_ = Channel::final;  // of the message being read
  bool calls_ = false;                // the text is a call's arguments
  bool finished_ = false;
};

}  // namespace tachikoma::kit
