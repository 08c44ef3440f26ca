// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <ctime>

namespace tachikoma::kit {

/// Keeps a SIGPIPE caused by this thread from reaching the application: for writers that
/// can't be given MSG_NOSIGNAL.
class SigpipeShield {
 public:
  explicit SigpipeShield(bool needed = true) : needed_(needed) {
    if (!needed_) return;
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeShield() {
    if (!needed_) return;
    const timespec now{};
    if (!was_pending_) ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeShield(const SigpipeShield&) = delete;
  SigpipeShield& operator=(const SigpipeShield&) = delete;

 private:
  bool needed_;
  bool was_pending_ = false;
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace tachikoma::kit
