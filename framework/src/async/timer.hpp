// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

namespace tachikoma {

/// One thread that runs actions at given times; started on first use. Thread-safe. Thousands of entries
/// cost little: each call reschedules its own several times.
class Timer {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;
  /// Called on the timer's thread; returns the time of its next call, or time_point::max() for none.
  /// Must be short and must not throw.
  using Action = std::function<Clock::time_point()>;

  Timer() = default;
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  Id arm(Clock::time_point when, Action action);
  /// Reschedules an armed action; does nothing if it is gone.
  void move(Id id, Clock::time_point when);
  /// Cancels an action. If it is running, waits until it has ended.
  void disarm(Id id);

 private:
  struct Entry {
    Clock::time_point when;
    Action action;
  };
  void run();
  void run_action(std::unique_lock<std::mutex>& lock, Id id);
  void put(Id id, Entry& entry, Clock::time_point when);

  std::mutex mutex_;                 // guards what follows; not held while an action runs
  std::condition_variable earlier_;  // wakes the thread: an earlier action was armed
  std::condition_variable ended_;    // wakes `disarm`: an action has ended
  std::unordered_map<Id, Entry> entries_;
  std::set<std::pair<Clock::time_point, Id>> due_;  // in the order of their times
  Id last_id_ = 0;
  Id running_ = 0;  // the entry whose action is running
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tachikoma
