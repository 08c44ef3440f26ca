// SPDX-License-Identifier: MIT
#include "async/time_limit.hpp"

#include <algorithm>

namespace tachikoma {

TimeLimit::TimeLimit(Timer& timer, std::chrono::milliseconds limit, CallCancellation& cancellation)
    : timer_(timer) {
  constexpr std::chrono::milliseconds kLongest =
      std::chrono::hours(24 * 365);  // avoids overflow of the clock
  if (limit.count() == 0) return;
  entry_ = timer.arm(timer.now() + std::min(limit, kLongest), [&cancellation] {
    cancellation.request(CancelReason::total);
    return Timer::Clock::time_point::max();
  });
}

TimeLimit::~TimeLimit() {
  if (entry_) timer_.disarm(*entry_);
}

}  // namespace tachikoma
