// SPDX-License-Identifier: MIT
#pragma once

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
};

/// The configured limits, over defaults that suit local models.
ClockLimits clock_limits(const Timeouts& configured);

/// The clocks of one provider call, all but `total`, which is a TimeLimit over everything that one request of
/// the application needs. Each cancels the call, with itself as the reason.
///
/// `on_phase` and `token` are called by the thread that runs the call; the timer's thread checks.
class CallClocks final : public PhaseListener {
 public:
  CallClocks(Timer& timer, const ClockLimits& limits, CallCancellation& cancellation);
  ~CallClocks();
  CallClocks(const CallClocks&) = delete;
  CallClocks& operator=(const CallClocks&) = delete;

  void on_phase(Phase phase) override;
  /// A delta was delivered: restarts the between-tokens clock. Cheap. Returns the time, to some milliseconds.
  Timer::Clock::time_point token();
  /// The caller is busy, not the server: stops these clocks until `token` or `resume`. Cheap.
  void pause();
  /// Restarts the clock that ran before the pause. Cheap.
  void resume();

 private:
  using Clock = Timer::Clock;
  void enter(CancelReason clock);
  Clock::time_point restart();
  std::chrono::milliseconds limit() const;
  Clock::time_point check();

  Timer& timer_;
  const ClockLimits limits_;
  CallCancellation& cancellation_;
  std::atomic<CancelReason> clock_ = CancelReason::connect;  // the one that runs
  std::atomic<Clock::time_point> deadline_;
  Timer::Id entry_;
};

/// The error of a call that a clock ended: `no first token from 'lmstudio' within 5 min`.
Error timeout_error(CancelReason clock, const ClockLimits& limits, std::string_view provider);

}  // namespace tachikoma
