// SPDX-License-Identifier: MIT
#pragma once

#include "async/wait.hpp"
#include "calls/limiter.hpp"

namespace tachikoma::calls {

/// The permit of one call to one server: waits until the limits let it through, and holds its place while it
/// lives.
class LimiterPermit final : public async::Wait, private Limiter::Waiter {
 public:
  LimiterPermit(const async::Execution& execution, Limiter& limiter, CallCancellation& cancellation)
      : Wait(execution), limiter_(limiter), cancellation_(cancellation) {}
  ~LimiterPermit();

  bool await_ready();
  /// False when it was cancelled before.
  bool await_resume() const noexcept { return granted_; }

 private:
  void start() override;
  void granted() override;

  Limiter& limiter_;
  CallCancellation& cancellation_;
  std::uint64_t subscription_ = 0;
  bool granted_ = false;
};

}  // namespace tachikoma::calls
