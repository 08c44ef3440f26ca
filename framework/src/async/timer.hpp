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

/// One thread that calls back at points in time; started by the first use. Thread-safe. Thousands of entries
/// cost little: each call moves its own several times.
class Timer {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;
  /// Called on the timer's thread; returns when it wants to be called again, or time_point::max().
  /// Must be short and must not throw.
  using Action = std::function<Clock::time_point()>;

  Timer() = default;
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  Id arm(Clock::time_point when, Action action);
  /// Moves an armed action to another time; nothing when it is gone.
  void move(Id id, Clock::time_point when);
  /// Withdraws an action. One that is running has ended when this returns.
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
  std::condition_variable earlier_;  // for the thread: something is due before what it waits for
  std::condition_variable ended_;    // for who disarms: an action has run
  std::unordered_map<Id, Entry> entries_;
  std::set<std::pair<Clock::time_point, Id>> due_;  // those that are due at some time
  Id last_id_ = 0;
  Id running_ = 0;  // the entry whose action runs now
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tachikoma
