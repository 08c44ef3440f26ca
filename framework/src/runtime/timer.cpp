// SPDX-License-Identifier: MIT
#include "runtime/timer.hpp"

#include <algorithm>

namespace tachikoma {

Timer::~Timer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Timer::Id Timer::arm(Clock::time_point when, Action action) {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  entries_.emplace(++last_id_, Entry{when, std::move(action)});
  changed_.notify_all();
  return last_id_;
}

void Timer::move(Id id, Clock::time_point when) {
  const std::lock_guard lock(mutex_);
  if (const auto entry = entries_.find(id); entry != entries_.end()) {
    entry->second.when = when;
    changed_.notify_all();
  }
}

void Timer::disarm(Id id) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return running_ != id; });
  entries_.erase(id);
}

void Timer::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    // a call has one entry, so there are as many as running calls: a scan is cheaper than a second index
    const auto next = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return a.second.when < b.second.when;
    });
    if (next == entries_.end() || next->second.when == Clock::time_point::max()) {
      changed_.wait(lock);
    } else if (const Clock::time_point when = next->second.when; when > Clock::now()) {
      changed_.wait_until(lock, when);  // a copy: the entry may be withdrawn meanwhile
    } else {
      running_ = next->first;
      lock.unlock();
      const Clock::time_point again = next->second.action();
      lock.lock();
      if (next->second.when == when) next->second.when = again;  // else it was moved meanwhile
      running_ = 0;
      changed_.notify_all();
    }
  }
}

}  // namespace tachikoma
