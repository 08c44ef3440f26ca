// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "async/cancellation.hpp"
#include "calls/clocks.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::generate {

/// Hands the deltas of one generation to the application's callback, and remembers what it saw.
class Delivery {
 public:
  Delivery(CallCancellation& cancellation, std::function<void()> on_first_token)
      : cancellation_(cancellation), on_first_(std::move(on_first_token)) {}

  /// Where the deltas go; before the first.
  void go_to(DeltaCallback on_delta) { on_delta_ = std::move(on_delta); }

  bool wanted() const { return static_cast<bool>(on_delta_); }
  /// Something that can't be taken back was delivered: from here on nothing is tried again. Progress can.
  bool seen() const { return seen_; }
  /// Delivers one delta. The callback ends the generation by returning `Flow::stop`, and by throwing.
  Flow deliver(const Delta& delta);
  /// A token came; the first of the generation is reported.
  void note_token() {
    if (!std::exchange(token_came_, true)) on_first_();
  }
  /// Throws what the callback threw.
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  DeltaCallback on_delta_;
  CallCancellation& cancellation_;
  const std::function<void()> on_first_;
  bool token_came_ = false;
  bool seen_ = false;
  std::exception_ptr thrown_;
};

/// What one call of a provider brought.
struct Answer {
  Channels channels;
  std::vector<ToolCall> calls;
  std::vector<std::string> notices;
  ChatOutcome outcome;
  std::chrono::steady_clock::time_point first_token{};  ///< zero: none came
  std::chrono::steady_clock::time_point end{};
};

/// Turns the events of one call of a provider into deltas and into an answer.
class AnswerSink final : public ChatSink {
 public:
  AnswerSink(CallClocks& clocks, const CallCancellation& cancellation, Delivery& delivery)
      : clocks_(clocks), cancellation_(cancellation), delivery_(delivery) {}

  Flow on_event(const ChatEvent& event) override;
  /// The whole, once the call has ended.
  Answer take(ChatOutcome outcome);

 private:
  Flow on_text(const ChatEvent& event);
  Flow on_rechannel(Channel channel);
  Flow on_tool_call(const ChatEvent& event);
  void note_token();
  Flow deliver(const Delta& delta);

  CallClocks& clocks_;
  const CallCancellation& cancellation_;
  Delivery& delivery_;
  Answer answer_;
  std::map<std::uint32_t, ToolCall> calls_;
  Delta token_;  // kept: filling a whole new one costs more than the rest of the delivery
  Channel channel_ = Channel::final;
  bool started_ = false;
};

}  // namespace tachikoma::generate
