// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>

namespace tachikoma {

/// The monotonic time without the spans in which this process did not run: because it was stopped (^Z, a
/// debugger, a frozen container) or starved. What a server had no chance to deliver is not its fault.
///
/// A thread that sleeps reports how that went; the longer its sleeps, the longer a stop that goes unnoticed.
class RunningTime {
 public:
  using Clock = std::chrono::steady_clock;
  /// A sleeper that wakes this late did not get the chance to wake in time.
  static constexpr std::chrono::milliseconds kLate{250};

  /// The running time at that moment. Thread-safe.
  Clock::time_point at(Clock::time_point moment) const {
    return moment - missed_.load(std::memory_order_relaxed);
  }
  /// The moment of that running time, unless the process is stopped before it.
  Clock::time_point moment_of(Clock::time_point running) const {
    return running + missed_.load(std::memory_order_relaxed);
  }
  /// The sleep since `asleep`, which was to end at `due` at the latest, has ended now. If it is late, nothing
  /// of it counts: nobody knows when in it the process was stopped. One thread calls this.
  void woke(Clock::time_point asleep, Clock::time_point due, Clock::time_point now) {
    if (now - due > kLate)
      missed_.store(missed_.load(std::memory_order_relaxed) + (now - asleep), std::memory_order_relaxed);
  }

 private:
  std::atomic<Clock::duration> missed_{Clock::duration::zero()};  // written by the sleeper
};

}  // namespace tachikoma
