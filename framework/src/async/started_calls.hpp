// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace tachikoma {

/// Counts the generations that were started and that nobody waits for. Thread-safe.
class StartedCalls {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  /// The last thing that a call does: what it used may be gone when this returns.
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

/// While it lives, this thread runs a callback of the application for a started generation.
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
