// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace tachikoma {

/// One thread that calls back at points in time; started by the first use. Thread-safe.
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

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Id, Entry> entries_;
  Id last_id_ = 0;
  Id running_ = 0;  // the entry whose action runs now
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tachikoma
