// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "monitors/monitor_queue.hpp"

namespace tachikoma::monitors {

/// The monitors that a program has added to its runtime. Thread-safe.
class AddedMonitors {
 public:
  using Queues = std::vector<std::shared_ptr<MonitorQueue>>;

  void add(const std::shared_ptr<MonitorQueue>& queue) {
    change([&](Queues& queues) { queues.push_back(queue); });
  }
  /// It may get an event that is being published now.
  void remove(const std::shared_ptr<MonitorQueue>& queue) {
    change([&](Queues& queues) { std::erase(queues, queue); });
  }
  bool empty() const { return empty_; }
  /// As they are now; never null.
  std::shared_ptr<const Queues> all() const {
    const std::lock_guard lock(mutex_);
    return queues_;
  }

 private:
  template <class Change>
  void change(const Change& change) {
    const std::lock_guard lock(mutex_);
    Queues changed = *queues_;
    change(changed);
    empty_ = changed.empty();
    queues_ = std::make_shared<const Queues>(std::move(changed));
  }

  std::atomic<bool> empty_ = true;  // written with the lock
  mutable std::mutex mutex_;        // guards what follows
  std::shared_ptr<const Queues> queues_ = std::make_shared<const Queues>();
};

}  // namespace tachikoma::monitors
