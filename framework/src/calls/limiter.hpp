// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "async/timer.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::calls {

/// A number of calls per minute, evenly spread, in bursts of at most a tenth of it.
class RequestRate {
 public:
  using Clock = Timer::Clock;
  explicit RequestRate(std::int64_t per_minute);
  /// When the next call may start; in the past: now.
  Clock::time_point ready_at() const { return next_ - allowance_; }
  /// Counts a call that starts now.
  void take(Clock::time_point now);

 private:
  const Clock::duration interval_;
  const Clock::duration allowance_;  // how far calls may run ahead of the even spread
  Clock::time_point next_{};         // by the even spread
};

/// Admits calls to one server within its limits; the others wait in a queue, first come, first served.
/// Thread-safe. A timer runs only while somebody waits for the rate.
class Limiter {
 public:
  class Waiter {
   public:
    /// Grants the permit. Called once, on any thread, without a lock.
    virtual void granted() = 0;

   protected:
    ~Waiter() = default;
  };

  Limiter(const CallLimits& limits, Timer& timer);
  ~Limiter();
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  /// True: admitted. False: `waiter` is queued and will be granted its permit, unless it is withdrawn.
  bool enter(Waiter& waiter);
  /// True if it was still waiting; then it will not be granted a permit.
  bool withdraw(Waiter& waiter);
  /// An admitted call has ended.
  void leave();

 private:
  bool free(Timer::Clock::time_point now) const;
  void take(Timer::Clock::time_point now);
  /// Admits as many waiters as possible, and sets the timer for the next one.
  void admit();

  const bool limits_;  // anything
  const std::optional<std::int64_t> concurrency_;
  Timer& timer_;
  std::mutex mutex_;  // guards what follows
  std::optional<RequestRate> rate_;
  std::int64_t running_ = 0;
  std::deque<Waiter*> queue_;
  std::optional<Timer::Id> entry_;
};

}  // namespace tachikoma::calls
