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
/// header that names their channel and, for tool calls, whom they are for.
///
///     <|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>
///
/// A text that does not start so is none: it comes out unchanged. Not synchronised.
class HarmonyReader {
 public:
  /// `text` is UTF-8 and stays as it is until `next` returns nothing.
  void feed(std::string_view text) { pending_.feed(text); }
  /// The next piece: text of any channel, the start of a call, or arguments. Lives until the next call.
  std::optional<AnswerPiece> next();
  /// No more text comes: `next` gives what was held back.
  void finish() { finished_ = true; }
  /// True when the text is Harmony; false when it is not, or as long as nobody knows.
  bool active() const { return state_ == State::header || state_ == State::body; }
  /// True when the text is known to be none, and nothing of it is held back.
  bool passes_all() const { return state_ == State::other && pending_.empty(); }

 private:
  enum class State : std::uint8_t {
    leading,  // nothing but blanks came
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
  std::optional<AnswerPiece> tell(std::size_t size);

  PendingText pending_;
  State state_ = State::leading;
  Channel channel_ = Channel::final;  // of the message being read
  bool calls_ = false;                // it is a call's arguments
  bool finished_ = false;
};

}  // namespace tachikoma::kit
