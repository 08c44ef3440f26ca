// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calls/clocks.hpp"
#include "calls/furthest.hpp"
#include "generate/delta_emitter.hpp"
#include "monitors/speed.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::generate {

/// The result of one provider call.
struct Answer {
  Channels channels;
  std::vector<ToolCall> calls;
  std::vector<std::string> notices;
  ChatOutcome outcome;
  std::chrono::steady_clock::time_point first_token{};  ///< zero: none came
  std::chrono::steady_clock::time_point end{};
  monitors::Arrivals arrivals;
};

/// Turns the events of one provider call into deltas and an answer.
class AnswerSink final : public ChatSink {
 public:
  AnswerSink(CallClocks& clocks, const CallCancellation& cancellation, DeltaEmitter& emitter)
      : clocks_(clocks), cancellation_(cancellation), emitter_(emitter) {}

  Flow on_event(const ChatEvent& event) override;
  /// The complete answer, once the call has ended.
  Answer take(ChatOutcome outcome);

 private:
  Flow on_text(const ChatEvent& event);
  Flow on_progress(const ChatEvent& event);
  Flow on_rechannel(Channel channel);
  Flow on_tool_call(const ChatEvent& event);
  void note_token();
  Flow emit(const Delta& delta);

  CallClocks& clocks_;
  const CallCancellation& cancellation_;
  DeltaEmitter& emitter_;
  Answer answer_;
  std::map<std::uint32_t, ToolCall> calls_;
  calls::Furthest progress_;
  Delta token_;  // kept: filling a whole new one costs more than the rest of the delivery
  Channel channel_ = Channel::final;
  bool started_ = false;
};

}  // namespace tachikoma::generate
