// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>

namespace tachikoma::llamacpp {

/// Who uses something now, and when it was used last. [thread-safe]
class UseRecord {
 public:
  void begin() {
    const std::lock_guard lock(mutex_);
    ++running_;
    note_now();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    --running_;
    note_now();
  }

  int running() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }
  /// When the last use ended, or the one that runs began.
  std::chrono::system_clock::time_point last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  /// Since when nobody uses it: now, while somebody does.
  std::chrono::steady_clock::time_point unused_since() const {
    const std::lock_guard lock(mutex_);
    return running_ > 0 ? std::chrono::steady_clock::now() : last_steady_;
  }

 private:
  void note_now() {
    last_ = std::chrono::system_clock::now();
    last_steady_ = std::chrono::steady_clock::now();
  }

  mutable std::mutex mutex_;  // guards what follows
  int running_ = 0;
  std::chrono::system_clock::time_point last_ = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point last_steady_ = std::chrono::steady_clock::now();
};

}  // namespace tachikoma::llamacpp
