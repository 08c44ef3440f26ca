// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calls/clocks.hpp"
#include "calls/configured_provider.hpp"
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

/// Turns the events of one provider call into deltas and an answer. Neither the server nor the plugin is
/// trusted: an answer beyond its limits, or an event that breaks the contract, ends the call.
class AnswerSink final : public ChatSink {
 public:
  /// All must outlive it. `answer` is new, and is filled.
  AnswerSink(const calls::CallTarget& target, CallClocks& clocks, const CallCancellation& cancellation,
             DeltaEmitter& emitter, Answer& answer)
      : target_(target), clocks_(clocks), cancellation_(cancellation), emitter_(emitter), answer_(answer) {}

  Flow on_event(const ChatEvent& event) override;
  void on_pause() override { emitter_.pause(); }
  /// Why it ended the call, if it did.
  const std::optional<Error>& failure() const { return failure_; }
  /// True if neither the events nor the outcome say anything: no text, no call, no notice, not how it ended.
  bool is_silent(const ChatOutcome& outcome) const;
  /// How long the server has said that it loads the model.
  std::chrono::nanoseconds load_time() const { return load_time_; }
  /// The call has ended: completes the answer.
  void end(ChatOutcome&& outcome);

 private:
  Flow absorb(const ChatEvent& event);
  Flow on_text(const ChatEvent& event);
  Flow on_rechannel(const ChatEvent& event);
  Flow on_tool_call(const ChatEvent& event);
  Flow on_progress(const ChatEvent& event);
  void on_notice(std::string_view sentence);
  bool fits(Channel channel, std::size_t size) const;
  Flow too_large(Channel channel);
  Flow exceeds(const std::string& what, std::string_view setting, std::int64_t allowed);
  Flow broken(const ChatEvent& event);
  void note_token() {
    if (answer_.first_token == std::chrono::steady_clock::time_point{}) note_first_token();
  }
  void note_first_token();
  void note_load(bool loads);

  const calls::CallTarget& target_;
  CallClocks& clocks_;
  const CallCancellation& cancellation_;
  DeltaEmitter& emitter_;
  Answer& answer_;
  std::map<std::uint32_t, ToolCall> calls_;
  calls::Furthest progress_;
  std::size_t call_bytes_ = 0;
  std::optional<Error> failure_;
  Delta token_;  // kept: filling a whole new one costs more than the rest of the delivery
  Channel channel_ = Channel::final;
  bool started_ = false;
  std::chrono::steady_clock::time_point load_began_{};  // zero: the server does not say that it loads
  std::chrono::nanoseconds load_time_{0};
};

}  // namespace tachikoma::generate
