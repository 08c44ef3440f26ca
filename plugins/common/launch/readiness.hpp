// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

#include "common/launch/child_process.hpp"
#include "common/net/call_scope.hpp"

namespace tachikoma::kit {

/// How often to ask a program whether it is ready: at growing intervals.
struct ReadinessLimits {
  std::chrono::milliseconds first_pause;
  std::chrono::milliseconds longest_pause;
  std::chrono::milliseconds limit;
};

/// Calls `ask`, a `Result<bool>()`, until it returns true or fails; false once the limit has passed. A pause
/// ends early if `child` ends or the call is cancelled; `ask` must check both.
template <class Ask>
Result<bool> ask_until_ready(const ChildProcess& child, const ReadinessLimits& limits,
                             Cancellation& cancellation, Ask ask) {
  const auto deadline = CallScope::Clock::now() + limits.limit;
  for (auto pause = limits.first_pause;; pause = std::min(pause * 2, limits.longest_pause)) {
    child.wait_for_end(pause, cancellation);
    Result<bool> ready = ask();
    if (!ready || *ready) return ready;
    if (CallScope::Clock::now() >= deadline) return false;
  }
}

}  // namespace tachikoma::kit
