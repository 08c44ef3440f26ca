// SPDX-License-Identifier: MIT
#include "common/chat/answer_text.hpp"

#include <utility>

namespace tachikoma::kit {

Flow AnswerText::push(std::string_view text) {
  if (harmony_.passes_all()) {
    if (reasoning_.passes(text)) return tell_final(text);
    reasoning_.feed(text);
    return read_tags();
  }
  harmony_.feed(text);
  return read_harmony();
}

Flow AnswerText::reasoning_is_separate() {
  reasoning_.take_tags_as_text();
  return read_tags();
}

Flow AnswerText::finish() {
  harmony_.finish();
  if (read_harmony() == Flow::stop) return Flow::stop;
  reasoning_.finish();
  if (read_tags() == Flow::stop) return Flow::stop;
  if (flush_calls() == Flow::stop) return Flow::stop;
  return tell_reasoned_calls();
}

Flow AnswerText::push_reasoning(Channel channel, std::string_view text) {
  if (find_calls_) {
    reasoned_finder_.feed(text);
    while (auto piece = reasoned_finder_.next())
      if (piece->kind == UnparsedToolCallFinder::Piece::Kind::call)
        reasoned_calls_.push_back(std::move(piece->call));
  }
  return deliver(channel, text);
}

// A call in the reasoning may be a draft: it counts if nothing else came.
Flow AnswerText::tell_reasoned_calls() {
  if (!find_calls_) return Flow::proceed;
  reasoned_finder_.flush();
  while (auto piece = reasoned_finder_.next())
    if (piece->kind == UnparsedToolCallFinder::Piece::Kind::call)
      reasoned_calls_.push_back(std::move(piece->call));
  if (reasoned_calls_.empty() || answered_ || !calls_.empty()) return Flow::proceed;
  for (const UnparsedToolCall& call : reasoned_calls_)
    if (tell_call(call) == Flow::stop) return Flow::stop;
  return Flow::proceed;
}

Flow AnswerText::read_harmony() {
  while (const auto piece = harmony_.next()) {
    Flow flow = Flow::proceed;
    if (harmony_.active()) {
      flow = emit(*piece);
    } else {
      reasoning_.feed(piece->text);
      flow = read_tags();
    }
    if (flow == Flow::stop) return Flow::stop;
  }
  return Flow::proceed;
}

Flow AnswerText::read_tags() {
  while (const auto piece = reasoning_.next())
    if (emit(*piece) == Flow::stop) return Flow::stop;
  return Flow::proceed;
}

Flow AnswerText::read_calls() {
  while (const auto piece = finder_.next()) {
    Flow flow = Flow::proceed;
    switch (piece->kind) {
      case UnparsedToolCallFinder::Piece::Kind::text: flow = deliver(Channel::final, piece->text); break;
      case UnparsedToolCallFinder::Piece::Kind::call: flow = tell_call(piece->call); break;
      case UnparsedToolCallFinder::Piece::Kind::unreadable:
        if (!std::exchange(told_of_unreadable_, true))
          flow = notify("the answer has something like a tool call that can't be parsed: it stays text");
        break;
    }
    if (flow == Flow::stop) return Flow::stop;
  }
  return Flow::proceed;
}

Flow AnswerText::emit(const AnswerPiece& piece) {
  if (piece.kind == AnswerPiece::Kind::text && piece.channel == Channel::final) return tell_final(piece.text);
  if (flush_calls() == Flow::stop) return Flow::stop;
  switch (piece.kind) {
    case AnswerPiece::Kind::text: return push_reasoning(piece.channel, piece.text);
    case AnswerPiece::Kind::call: return calls_.start({.name = piece.text});
    case AnswerPiece::Kind::arguments: return calls_.add_arguments(piece.text);
    case AnswerPiece::Kind::rechannel: break;
  }
  ChatEvent event;
  event.kind = ChatEvent::Kind::rechannel;
  event.channel = piece.channel;
  return sink_.on_event(event);
}

Flow AnswerText::tell_final(std::string_view text) {
  if (!find_calls_) return deliver(Channel::final, text);
  finder_.feed(text);
  return read_calls();
}

Flow AnswerText::tell_call(const UnparsedToolCall& call) {
  if (!std::exchange(told_of_found_, true) &&
      notify(reasoned_calls_.empty()
                 ? "the server left a tool call in the text of the answer; it was recognised there"
                 : "the server left a tool call in the reasoning, and nothing else came; it was recognised "
                   "there") == Flow::stop)
    return Flow::stop;
  return calls_.start({.id = call.id, .name = call.name, .arguments = call.arguments});
}

Flow AnswerText::flush_calls() {
  if (!find_calls_) return Flow::proceed;
  finder_.flush();
  return read_calls();
}

Flow AnswerText::deliver(Channel channel, std::string_view text) {
  answered_ =
      answered_ || (channel == Channel::final && text.find_first_not_of(kBlanks) != std::string_view::npos);
  piece_.channel = channel;
  piece_.text = text;
  return sink_.on_event(piece_);
}

Flow AnswerText::notify(std::string_view sentence) {
  ChatEvent event;
  event.kind = ChatEvent::Kind::notice;
  event.text = sentence;
  return sink_.on_event(event);
}

}  // namespace tachikoma::kit
