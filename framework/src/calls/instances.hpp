// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::calls {

/// What this runtime knows about the models in one server's memory. Thread-safe.
class Instances {
 public:
  using Clock = std::chrono::steady_clock;
  struct Use {
    std::string name;  ///< as the server knows it
    Clock::time_point time;
  };

  /// Records that a generation with that model succeeded.
  void note_used(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (!last_used_) last_used_.emplace();
    last_used_->name = name;
    last_used_->time = Clock::now();
  }
  std::optional<Use> last_used() const {
    const std::lock_guard lock(mutex_);
    return last_used_;
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::optional<Use> last_used_;
};

}  // namespace tachikoma::calls
