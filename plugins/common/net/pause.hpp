// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "tachikoma/plugin/call_context.hpp"

namespace tachikoma::kit {

/// Waits so long; false as soon as the call is cancelled.
inline bool pause(std::chrono::milliseconds time, Cancellation& cancellation) {
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  const OnCancel wake(cancellation, [&] {
    const std::lock_guard lock(mutex);
    cancelled = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  return !changed.wait_for(lock, time, [&] { return cancelled; });
}

}  // namespace tachikoma::kit
