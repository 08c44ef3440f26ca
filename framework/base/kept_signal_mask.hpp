// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>

namespace tachikoma::base {

/// Keeps the signals that this thread blocks as they are, whatever is called meanwhile: a library that is
/// loaded may block some in its static constructors, as POCO's does.
class KeptSignalMask {
 public:
  KeptSignalMask() { ::pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~KeptSignalMask() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  KeptSignalMask(const KeptSignalMask&) = delete;
  KeptSignalMask& operator=(const KeptSignalMask&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace tachikoma::base
