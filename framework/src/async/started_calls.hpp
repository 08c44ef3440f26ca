// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace tachikoma {

/// Counts the running asynchronous generations. Thread-safe.
class StartedCalls {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  /// The last action of a call: what it used may be destroyed when this returns.
  void leave() {
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) none_.notify_all();
  }
  void wait_for_all() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable none_;
  std::size_t running_ = 0;
};

/// Marks this thread, while it exists, as running an application's callback for an asynchronous generation.
class InCallback {
 public:
  InCallback() { ++depth(); }
  ~InCallback() { --depth(); }
  InCallback(const InCallback&) = delete;
  InCallback& operator=(const InCallback&) = delete;

  static bool here() { return depth() > 0; }

 private:
  static int& depth() {
    thread_local int value = 0;
    return value;
  }
};

}  // namespace tachikoma
