// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "common/net/cancel_wake.hpp"

namespace tachikoma::kit {

/// Waits for that time; false as soon as the call is cancelled.
inline bool pause(std::chrono::milliseconds time, Cancellation& cancellation) {
  std::mutex mutex;  // only for the wait
  std::condition_variable changed;
  const CancelWake wake(cancellation, mutex, changed);
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, time, [&] { return wake.cancelled(); });
}

}  // namespace tachikoma::kit
