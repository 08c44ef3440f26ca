// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "async/wait.hpp"
#include "calls/limiter.hpp"

namespace tachikoma::calls {

/// The permit of one call to one server: waits until the limits admit the call, and occupies its slot as long
/// as it exists.
class LimiterPermit final : public async::Wait, private Limiter::Waiter {
 public:
  LimiterPermit(const async::Execution& execution, Limiter& limiter, CallCancellation& cancellation)
      : Wait(execution), limiter_(limiter), cancellation_(cancellation) {}
  ~LimiterPermit();

  bool await_ready();
  /// False when it was cancelled before.
  bool await_resume() const noexcept { return granted_; }
  /// How long it has waited, once awaited; zero if it was admitted at once.
  std::chrono::nanoseconds waited() const {
    return queued_ == Clock::time_point{} ? Clock::duration{} : Clock::now() - queued_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  void start() override;
  void granted() override;

  Limiter& limiter_;
  CallCancellation& cancellation_;
  std::uint64_t subscription_ = 0;
  bool granted_ = false;
  Clock::time_point queued_{};  // zero: it was admitted at once
};

}  // namespace tachikoma::calls
