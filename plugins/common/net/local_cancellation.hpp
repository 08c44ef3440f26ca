// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "tachikoma/plugin/call_context.hpp"

namespace tachikoma::kit {

/// A local cancellation, for work that does not belong to a single call of the host.
class LocalCancellation final : public Cancellation {
 public:
  /// [thread-safe]
  void request() {
    const std::lock_guard lock(mutex_);  // so that `unsubscribe` waits for running callbacks
    requested_ = true;
    for (const auto& [id, callback] : std::exchange(callbacks_, {})) callback.first(callback.second);
  }
  bool requested() const override {
    const std::lock_guard lock(mutex_);
    return requested_;
  }
  std::uint64_t subscribe(Callback callback, void* user) override {
    const std::lock_guard lock(mutex_);
    if (requested_)
      callback(user);
    else
      callbacks_[++last_id_] = {callback, user};
    return last_id_;
  }
  void unsubscribe(std::uint64_t id) override {
    const std::lock_guard lock(mutex_);
    callbacks_.erase(id);
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  bool requested_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::pair<Callback, void*>> callbacks_;
};

}  // namespace tachikoma::kit
