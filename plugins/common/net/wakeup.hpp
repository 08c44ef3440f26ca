// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <unistd.h>

#include <sys/eventfd.h>

namespace tachikoma::kit {

/// A descriptor that becomes readable once `set` was called, on any thread: ends a poll(2) early.
class Wakeup {
 public:
  Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Wakeup() {
    if (fd_ >= 0) ::close(fd_);
  }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Negative if the process has no descriptor left.
  int fd() const { return fd_; }
  void set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
  }
  /// Makes it unreadable until `set` is called again.
  void clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

}  // namespace tachikoma::kit
