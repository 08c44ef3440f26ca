// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/chat/chat_facts.hpp"
#include "common/http/event_stream.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::kit {

/// Turns the chunks of a chat stream, or its whole reply in one JSON document, into events. Reads OpenAI's
/// form, that of plain completions, llama.cpp's own and LM Studio's native one; each is known by its members.
/// What a server left in the text of the answer, reasoning and tool calls, is found there: see AnswerText.
///
/// Tolerates known server faults: repeated or missing names and ids of calls, usage
/// on any chunk, arguments as objects, faults inside the stream in every form, invalid UTF-8. No heap is
/// touched for a chunk that resembles the one before it. Not synchronised; one decoder reads one reply.
class ChatDecoder {
 public:
  /// Both must outlive the decoder.
  ChatDecoder(ChatSink& sink, const ChatFacts& facts);
  ~ChatDecoder();
  ChatDecoder(const ChatDecoder&) = delete;
  ChatDecoder& operator=(const ChatDecoder&) = delete;

  /// Processes one event of the stream. `stop` if the sink said so, or if the reply failed.
  Flow on_event(const StreamEvent& event);
  /// Takes the event with which `bytes` start out of them and processes it, if it resembles an earlier one;
  /// nullopt if it does not. They must follow a complete event.
  std::optional<Flow> on_familiar(std::string_view& bytes);
  /// The whole reply as one document, with `kTailRoom` readable bytes behind it.
  Flow on_document(std::string_view json);
  /// Call once at the end: passes on text that was held back. `stop` as above.
  Flow finish();

  /// The model that the reply names, if `ChatFacts::judge_served` can't say whether it is the one that
  /// was asked for: nothing of the event that names it was passed on. Settle it, and pass that event again.
  /// Else empty.
  std::string_view undecided() const;
  void settle(bool same_model);

  /// The member of chunks that had reasoning: a static string; empty if none had any.
  std::string_view thinking_field() const;
  /// True if nothing more can come: after `[DONE]`, or the end of a native stream.
  bool done() const;
  /// True if the answer is complete: a finish reason, `[DONE]` or another dialect's end has arrived.
  bool complete() const;
  /// True if the last input was not JSON: `failure` is set as well.
  bool malformed() const;
  /// The error inside the reply.
  const std::optional<Error>& failure() const;
  /// Everything that did not go to the sink.
  ChatOutcome take_outcome();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma::kit
