// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

namespace tachikoma::cli {

/// Catches SIGINT while it exists, and makes it pollable. One at a time. A program
/// that was started with SIGINT ignored keeps ignoring it.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// Readable once a signal has arrived.
  int fd() const { return pipe_[0]; }
  /// Forgets the signals that came; true when there were any.
  bool take();

 private:
  std::array<int, 2> pipe_{-1, -1};
  struct sigaction before_ {};
};

/// Requests a stop at the first SIGINT while it exists. A second one ends the program immediately,
/// with 130: whoever presses ^C twice does not want to wait for a server.
class StopOnInterrupt {
 public:
  explicit StopOnInterrupt(Interrupts& interrupts);
  ~StopOnInterrupt();
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool interrupted() const { return source_.stop_requested(); }

 private:
  void watch();

  Interrupts& interrupts_;
  std::stop_source source_;
  std::array<int, 2> wake_{-1, -1};
  std::thread watcher_;
};

}  // namespace tachikoma::cli
