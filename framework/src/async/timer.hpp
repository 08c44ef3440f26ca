// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory_resource>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "async/running_time.hpp"

namespace tachikoma {

/// One thread that runs actions at given times; started on first use. Thread-safe. Thousands of entries
/// cost little: each call reschedules its own several times.
///
/// Its times are those of a RunningTime: a process that was stopped finds its clocks where it left them.
class Timer {
 public:
  using Clock = RunningTime::Clock;
  using Id = std::uint64_t;
  /// Called on the timer's thread; returns the time of its next call, or time_point::max() for none.
  /// Must be short and must not throw.
  using Action = std::function<Clock::time_point()>;

  Timer() = default;
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// The running time.
  Clock::time_point now() const { return time_.at(Clock::now()); }
  /// The running time at a moment of `Clock`.
  Clock::time_point at(Clock::time_point moment) const { return time_.at(moment); }

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
  void sleep(std::unique_lock<std::mutex>& lock, Clock::time_point until);
  void run_action(std::unique_lock<std::mutex>& lock, Id id);
  void put(Id id, Entry& entry, Clock::time_point when);

  RunningTime time_;
  std::mutex mutex_;                 // guards what follows; not held while an action runs
  std::condition_variable earlier_;  // wakes the thread: an action is due before it wakes by itself
  std::condition_variable ended_;    // wakes `disarm`: an action has ended
  std::pmr::unsynchronized_pool_resource memory_;  // every call has an entry, for a short time
  std::pmr::unordered_map<Id, Entry> entries_{&memory_};
  std::pmr::set<std::pair<Clock::time_point, Id>> due_{&memory_};  // in the order of their times
  Id last_id_ = 0;
  Id running_ = 0;  // the entry whose action is running
  bool ending_ = false;
  // Until when the thread sleeps, in running time: only for an earlier entry is it woken. A thread that runs
  // looks at all of them before it sleeps.
  static constexpr Clock::time_point kAwake = Clock::time_point::min();
  Clock::time_point wakes_ = kAwake;
  std::thread thread_;
};

}  // namespace tachikoma
