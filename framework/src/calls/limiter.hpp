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

/// So many calls a minute, evenly spread, with bursts of a tenth of it.
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

/// Lets calls to one server through as its limits say; the others wait in a queue, first come, first served.
/// Thread-safe. A timer runs only while somebody waits for the rate.
class Limiter {
 public:
  class Waiter {
   public:
    /// Its permit came. Called once, on any thread, without a lock.
    virtual void granted() = 0;

   protected:
    ~Waiter() = default;
  };

  Limiter(const CallLimits& limits, Timer& timer);
  ~Limiter();
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  /// True: go on. False: `waiter` will be told, unless it is withdrawn before.
  bool enter(Waiter& waiter);
  /// True when it was still waiting: it will not be told any more.
  bool withdraw(Waiter& waiter);
  /// A call that was let through has ended.
  void leave();

 private:
  bool free(Timer::Clock::time_point now) const;
  void take(Timer::Clock::time_point now);
  /// Lets through whom it can, and sets the timer for the next one.
  void admit();

  const std::optional<std::int64_t> concurrency_;
  Timer& timer_;
  std::mutex mutex_;  // guards what follows
  std::optional<RequestRate> rate_;
  std::int64_t running_ = 0;
  std::deque<Waiter*> queue_;
  std::optional<Timer::Id> entry_;
};

}  // namespace tachikoma::calls
