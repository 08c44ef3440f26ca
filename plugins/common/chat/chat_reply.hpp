// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/chat/chat_decoder.hpp"
#include "common/chat/chat_facts.hpp"
#include "common/http/event_stream.hpp"
#include "common/http/http_response.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::kit {

/// One chat reply, from its head to its outcome, whatever form it takes: a stream, a whole completion from a
/// server that ignores `stream`, or an error. Knows nothing of sockets. Not synchronised.
class ChatReply final : public ResponseHandler {
 public:
  /// `sink` and `facts` must outlive it.
  ChatReply(ChatSink& sink, const ChatFacts& facts) : sink_(sink), facts_(facts), decoder_(sink, facts) {}

  Flow on_head(const HttpHead& head) override;
  Flow on_body(std::string_view bytes) override;
  std::optional<std::chrono::milliseconds> patience() const override;
  void on_pause() override { sink_.on_pause(); }

  /// The model that the reply names, if it is not known whether it is the one that was asked for. What
  /// arrives meanwhile is kept. Else empty.
  std::string_view undecided() const { return decoder_.undecided(); }
  /// Decides it, and processes what was kept. `stop` as for `on_body`.
  Flow settle(bool same_model);

  /// The member that had the reasoning: a static string; empty if there was none.
  std::string_view thinking_field() const { return decoder_.thinking_field(); }

  /// The outcome, after the exchange ended with `transport`. Nullopt while `undecided`: settle it, and call
  /// again.
  std::optional<Result<ChatOutcome>> finish(const Status& transport);

 private:
  enum class Form : std::uint8_t { unknown, stream, document };

  std::string_view without_lead(std::string_view bytes);
  void choose_form(char first);
  Flow after_event(Flow flow);
  Flow read_events();
  Flow take(const StreamEvent& event);
  void keep(const StreamEvent& event);
  Result<ChatOutcome> outcome(const Status& transport, bool torn);
  void end_of_body(bool whole);
  std::string server() const;
  Error cut_off(const Error& cause) const;

  ChatSink& sink_;
  const ChatFacts& facts_;
  ChatDecoder decoder_;
  EventStreamSplitter splitter_;
  bool between_events_ = true;  // nothing is left of the last piece; false while the model is undecided
  Form form_ = Form::unknown;
  std::size_t mark_bytes_ = 0;  // of a byte order mark, at the start of the body
  int status_ = 0;
  bool announced_stream_ = false;
  bool stopped_ = false;  // by the sink
  bool too_large_ = false;
  std::string retry_after_;
  std::string document_;

  struct KeptEvent {
    std::string type, data;
  };
  std::vector<KeptEvent> kept_;  // while the model is undecided
  std::size_t kept_bytes_ = 0;
};

}  // namespace tachikoma::kit
