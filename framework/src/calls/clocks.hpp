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

/// What is configured, over defaults that suit local models.
ClockLimits clock_limits(const Timeouts& configured);

/// The clocks of one call of a provider, all but `total`, a TimeLimit over everything that one request of the
/// application needs: they cancel it, with the clock as the reason.
///
/// `on_phase` and `token` are called by the thread that runs the call; the timer's thread looks.
class CallClocks final : public PhaseListener {
 public:
  CallClocks(Timer& timer, const ClockLimits& limits, CallCancellation& cancellation);
  ~CallClocks();
  CallClocks(const CallClocks&) = delete;
  CallClocks& operator=(const CallClocks&) = delete;

  void on_phase(Phase phase) override;
  /// A delta was dealt with: from here on the between-tokens clock runs, anew. Cheap.
  void token();
  /// The caller is busy, not the server: none of these clocks runs until `token` or `resume`. Cheap.
  void pause();
  /// The clock that ran before the pause runs again, anew. Cheap.
  void resume();

 private:
  using Clock = Timer::Clock;
  void enter(CancelReason clock);
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
