// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "common/chat_decoder.hpp"
#include "common/event_stream.hpp"
#include "common/http_response.hpp"
#include "common/server_error.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::kit {

/// One chat reply, from its head to its outcome, whatever form it takes: a stream, a whole completion from a
/// server that ignores `stream`, or an error. Knows nothing of sockets. Not synchronised.
class ChatReply final : public ResponseHandler {
 public:
  /// `sink` and `facts` outlive it.
  ChatReply(ChatSink& sink, const RequestFacts& facts) : facts_(facts), decoder_(sink, facts) {}

  Flow on_head(const HttpHead& head) override;
  Flow on_body(std::string_view bytes) override;
  bool satisfied() const override { return decoder_.done(); }

  /// The outcome, after the exchange ended with `transport`. Call once.
  Result<ChatOutcome> finish(const Status& transport);

 private:
  enum class Form : std::uint8_t { unknown, stream, document };

  void choose_form(char first);
  Flow after_event(Flow flow);
  Flow read_events();
  void end_of_body(bool whole);
  Error cut_off(const Error& cause) const;

  const RequestFacts& facts_;
  ChatDecoder decoder_;
  EventStreamSplitter splitter_;
  Form form_ = Form::unknown;
  int status_ = 0;
  bool announced_stream_ = false;
  bool stopped_ = false;  // by the sink
  bool too_large_ = false;
  std::string retry_after_;
  std::string document_;
};

}  // namespace tachikoma::kit
