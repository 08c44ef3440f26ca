// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>

namespace tachikoma::llamacpp {

/// Records whether something is in use, and when it was last used. [thread-safe]
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
  /// When the last use ended, or the current one began.
  std::chrono::system_clock::time_point last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  /// Since when it is unused: now, while it is in use.
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
