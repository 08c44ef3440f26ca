// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/chat/answer_piece.hpp"
#include "common/chat/pending_text.hpp"

namespace tachikoma::kit {

/// Splits the text of an answer at tags such as `<think>` and `</think>`, however the text is cut.
///
/// Reasoning comes before the answer, so a tag counts only there: after the first text of an answer an
/// opening tag is part of the answer. An end without a start means that the server's template had
/// opened the reasoning, so all text so far was reasoning. Blanks around the tags are removed with them. An
/// end between quotation marks is quoted. Not synchronised.
class ReasoningSplitter {
 public:
  static constexpr std::string_view kLead = "<";  ///< the first character of tags that may be lone ends

  /// `text` is UTF-8, not empty, and must stay unchanged until `next` returns nothing.
  void feed(std::string_view text) { pending_.feed(text); }
  /// True if `text` is more of the answer and nothing else; it then counts as processed. The fast path
  /// for most tokens.
  bool passes(std::string_view text) {
    const bool plain =
        state_ == State::answer || (state_ == State::untagged && text.find(kLead.front()) == text.npos);
    if (!plain || !pending_.empty()) return false;
    last_ = text.back();
    return true;
  }
  /// The next piece: text of `thinking` or `final`, or a rechannelling. Lives until the next call.
  std::optional<AnswerPiece> next();
  /// The text has ended: `next` returns what was held back.
  void finish() { finished_ = true; }
  /// Reasoning was sent separately, so later tags are text.
  void take_tags_as_text();

 private:
  enum class State : std::uint8_t {
    leading,    // only blanks so far
    untagged,   // text without an opening tag: the answer, or reasoning that the template opened
    reasoning,  // behind an opening tag
    reasoned,   // behind a closing tag and before the answer
    answer,     // tags are text from here on
  };

  std::optional<AnswerPiece> step();
  void read_lead();
  std::optional<AnswerPiece> read_untagged();
  std::optional<AnswerPiece> read_reasoning();
  std::optional<AnswerPiece> take_text(Channel channel, std::size_t size);

  PendingText pending_;
  State state_ = State::leading;
  char last_ = 0;            // the last byte of the text passed on
  std::size_t opening_ = 0;  // the tag that opened the reasoning
  bool starts_ = true;       // no reasoning since then
  bool finished_ = false;
};

}  // namespace tachikoma::kit
