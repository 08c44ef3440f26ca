// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "async/cancellation.hpp"
#include "async/timer.hpp"

namespace tachikoma {

/// Cancels what it spans when its time is up, with the clock `total` as the reason; zero is never.
class TimeLimit {
 public:
  TimeLimit(Timer& timer, std::chrono::milliseconds limit, CallCancellation& cancellation);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  Timer& timer_;
  std::optional<Timer::Id> entry_;
};

}  // namespace tachikoma
