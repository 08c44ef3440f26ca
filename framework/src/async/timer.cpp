// SPDX-License-Identifier: MIT
#include "async/timer.hpp"

#include <algorithm>

namespace tachikoma {
namespace {

// While something is due, however late, so that a stop in the meantime is noticed.
constexpr std::chrono::milliseconds kLongestSleep{500};

}  // namespace

Timer::~Timer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  earlier_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Timer::Id Timer::arm(Clock::time_point when, Action action) {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  const Id id = ++last_id_;
  Entry& entry = entries_.emplace(id, Entry{Clock::time_point::max(), std::move(action)}).first->second;
  put(id, entry, when);
  return id;
}

void Timer::move(Id id, Clock::time_point when) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(id); found != entries_.end()) put(id, found->second, when);
}

void Timer::disarm(Id id) {
  std::unique_lock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  put(id, found->second, Clock::time_point::max());  // before waiting: it could run again and again
  ended_.wait(lock, [&] { return running_ != id; });
  entries_.erase(id);
}

void Timer::put(Id id, Entry& entry, Clock::time_point when) {
  due_.erase({entry.when, id});
  entry.when = when;
  if (when == Clock::time_point::max()) return;
  due_.emplace(when, id);
  if (when >= wakes_) return;
  wakes_ = kAwake;
  earlier_.notify_one();
}

void Timer::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    wakes_ = kAwake;
    if (due_.empty()) {
      wakes_ = Clock::time_point::max();
      earlier_.wait(lock);
    } else if (const auto [when, id] = *due_.begin(); when > now()) {
      sleep(lock, when);  // a copy: the entry may be removed meanwhile
    } else {
      run_action(lock, id);
    }
  }
}

void Timer::sleep(std::unique_lock<std::mutex>& lock, Clock::time_point until) {
  const Clock::time_point asleep = Clock::now();
  const Clock::time_point due = std::min(time_.moment_of(until), asleep + kLongestSleep);
  wakes_ = time_.at(due);
  earlier_.wait_until(lock, due);
  time_.woke(asleep, due, Clock::now());
}

void Timer::run_action(std::unique_lock<std::mutex>& lock, Id id) {
  Entry& entry = entries_.at(id);
  const Clock::time_point when = entry.when;
  running_ = id;  // keeps the entry where it is
  lock.unlock();
  const Clock::time_point again = entry.action();
  lock.lock();
  if (entry.when == when) put(id, entry, again);  // else it was moved meanwhile
  running_ = 0;
  ended_.notify_all();
}

}  // namespace tachikoma
