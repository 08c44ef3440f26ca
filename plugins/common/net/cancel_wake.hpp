// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <mutex>

#include "tachikoma/plugin/call_context.hpp"

namespace tachikoma::kit {

/// Wakes a thread that waits on a condition when a call is cancelled. It locks the condition's mutex for
/// that, so it must be created and destroyed while its owner does not hold the mutex: declare it before the
/// lock.
class CancelWake {
 public:
  /// All must outlive it.
  CancelWake(Cancellation& cancellation, std::mutex& mutex, std::condition_variable& changed)
      : mutex_(mutex), changed_(changed), on_cancel_(cancellation, Wake{*this}) {}

  /// True once the call is cancelled: part of the condition; call it with the mutex locked.
  /// Don't use `Cancellation::requested` in the condition: it may wait for a callback that needs the mutex.
  bool cancelled() const { return cancelled_; }

 private:
  struct Wake {
    CancelWake& self;
    void operator()() const {
      const std::lock_guard lock(self.mutex_);
      self.cancelled_ = true;
      self.changed_.notify_all();
    }
  };

  std::mutex& mutex_;
  std::condition_variable& changed_;
  bool cancelled_ = false;
  OnCancel<Wake> on_cancel_;  // last: it may call back as soon as it is constructed
};

}  // namespace tachikoma::kit
