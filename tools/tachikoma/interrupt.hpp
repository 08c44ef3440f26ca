// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

namespace tachikoma::cli {

/// Catches a signal while it exists, and makes it pollable. One for each signal at a time. A program
/// that was started with the signal ignored keeps ignoring it.
class CaughtSignal {
 public:
  explicit CaughtSignal(int number);
  ~CaughtSignal();
  CaughtSignal(const CaughtSignal&) = delete;
  CaughtSignal& operator=(const CaughtSignal&) = delete;

  /// Readable once a signal has arrived.
  int fd() const { return pipe_[0]; }
  /// Forgets the signals that came; true when there were any.
  bool take();

 private:
  const int number_;
  std::array<int, 2> pipe_{-1, -1};
  struct sigaction before_ {};
};

/// SIGINT: ^C.
class Interrupts : public CaughtSignal {
 public:
  Interrupts() : CaughtSignal(SIGINT) {}
};

/// SIGHUP: the configuration is to be read again.
class Hangups : public CaughtSignal {
 public:
  Hangups() : CaughtSignal(SIGHUP) {}
};

/// SIGWINCH: the terminal has another size.
class Resizes : public CaughtSignal {
 public:
  Resizes() : CaughtSignal(SIGWINCH) {}
};

/// SIGCONT: the program was stopped, by ^Z, and goes on.
class Continuations : public CaughtSignal {
 public:
  Continuations() : CaughtSignal(SIGCONT) {}
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
