// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "async/cancellation.hpp"
#include "async/timer.hpp"

namespace tachikoma {

/// Requests a cancellation after a time, with the clock `total` as the reason; 0 means no limit.
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
