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
/// Tolerates what servers are known to get wrong: names and ids of calls that are repeated or missing, usage
/// on any chunk, arguments as objects, faults inside the stream in every form, invalid UTF-8. No heap is
/// touched for a chunk that resembles the one before it. Not synchronised; one decoder reads one reply.
class ChatDecoder {
 public:
  /// Both must outlive the decoder.
  ChatDecoder(ChatSink& sink, const ChatFacts& facts);
  ~ChatDecoder();
  ChatDecoder(const ChatDecoder&) = delete;
  ChatDecoder& operator=(const ChatDecoder&) = delete;

  /// One event of the stream. `stop` when the sink said so, or when the reply failed.
  Flow on_event(const StreamEvent& event);
  /// Deals with bytes of the stream that are one event, whole and alone, and resemble an event before;
  /// nothing when they are not. They follow a whole event.
  std::optional<Flow> on_familiar(std::string_view bytes);
  /// The whole reply as one document, with `kTailRoom` readable bytes behind it.
  Flow on_document(std::string_view json);
  /// Call once when nothing more comes: gives out text that was held back. `stop` as above.
  Flow finish();

  /// The model that the reply names, when `ChatFacts::judge_served` can't say whether it is the one that
  /// was asked for: the event that names it has told nothing yet. Settle it, and give that event again. Else
  /// empty.
  std::string_view undecided() const;
  void settle(bool same_model);

  /// True when nothing more can come: after `[DONE]`, or the end of a native stream.
  bool done() const;
  /// True when the answer is whole: a finish reason, `[DONE]` or another dialect's end arrived.
  bool complete() const;
  /// True when what came last was not JSON: `failure` is set as well.
  bool malformed() const;
  /// What went wrong inside the reply.
  const std::optional<Error>& failure() const;
  /// What the sink was not told.
  ChatOutcome take_outcome();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma::kit
