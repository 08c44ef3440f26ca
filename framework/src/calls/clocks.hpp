// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <string_view>

#include "async/cancellation.hpp"
#include "async/timer.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma {

/// The limits of one call, with the defaults filled in; zero is never.
struct ClockLimits {
  std::chrono::milliseconds connect, load, first_token, between_tokens, total;
  /// It asks the server about itself, with our own limits for the answer: no clock of the configuration would
  /// help.
  bool question = false;
};

/// The configured limits, over defaults that suit local models.
ClockLimits clock_limits(const Timeouts& configured);
/// The same for a question about the server, which is answered soon or not at all.
ClockLimits question_limits(ClockLimits limits);

/// The clocks of one provider call, all but `total`, which is a TimeLimit over everything that one request of
/// the application needs. Each cancels the call, with itself as the reason.
///
/// A clock measures a phase of the call in all: when a phase is entered again, its clock goes on where it
/// was, so a call of many requests, or one that starts over and over, has the same limits as any other.
///
/// All but the timer's check is called by one thread at a time.
class CallClocks final : public PhaseListener {
 public:
  CallClocks(Timer& timer, const ClockLimits& limits, CallCancellation& cancellation);
  ~CallClocks();
  CallClocks(const CallClocks&) = delete;
  CallClocks& operator=(const CallClocks&) = delete;

  void on_phase(Phase phase) override;
  /// A delta was delivered: restarts the between-tokens clock. Cheap. Returns the time, to some milliseconds.
  Timer::Clock::time_point token();
  /// The server got further: restarts the clock that runs.
  void advance();
  /// The caller is busy, not the server: stops these clocks until `token` or `resume`. Cheap.
  void pause();
  /// What is left of the clock that runs, for `resume` after a pause.
  Timer::Clock::duration left() const;
  /// Continues the clock that ran before the pause.
  void resume(Timer::Clock::duration left);

 private:
  using Clock = Timer::Clock;
  void enter(CancelReason clock);
  void set_deadline(Clock::time_point deadline);
  std::chrono::milliseconds limit() const;
  Clock::time_point after(Clock::duration time) const;
  Clock::duration& left_of(CancelReason clock);
  Clock::time_point check();
  Clock::time_point next_check();

  Timer& timer_;
  const ClockLimits limits_;
  CallCancellation& cancellation_;
  std::atomic<CancelReason> clock_ = CancelReason::connect;  // the one that runs
  std::array<Clock::duration, 4> left_;  // of each clock, from `connect` on, when its phase was left
  std::atomic<Clock::time_point> deadline_;
  std::atomic<Clock::time_point> check_at_;  // when the timer looks; it is told only if that is too late
  Timer::Id entry_;
};

/// The error of a call that a clock ended: `no first token from 'lmstudio' within 5 min`. Its hint names the
/// clock if the configuration sets it.
Error timeout_error(CancelReason clock, const ClockLimits& limits, std::string_view provider);

}  // namespace tachikoma
