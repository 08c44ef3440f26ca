// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "support/process.hpp"
#include "support/screen.hpp"

namespace tachikoma::testing {

/// A program in a terminal of its own: a pseudo terminal, whose other end is a `Screen`. What the test types
/// is what the program reads, ^C and ^D included. TERM is xterm-256color, and nothing of the terminal in
/// which the tests run matters. Killed and reaped at the end.
class Terminal {
 public:
  explicit Terminal(const Command& command, int columns = 80, int rows = 24);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Types these bytes: "\r" is Enter, "\x03" is ^C, "\x1b[A" the key up.
  void type(std::string_view keys);
  /// Pastes a text, as a terminal does: in brackets, if the program has asked for these.
  void paste(std::string_view text);
  /// Gives the terminal another size, which the program is told.
  void resize(int columns, int rows);
  void signal(int number) const;

  /// Waits until the screen, or what has left it at the top, has this text. Throws, with what is shown, when
  /// that takes longer than a minute or the program ends without it.
  void wait_for(std::string_view text);
  /// The same, until `done` accepts the screen.
  void wait_until(const std::function<bool(const Screen&)>& done);
  /// Reads what the program writes until it ends; returns its exit code, or 128 + signal.
  int wait();

  const Screen& screen() const { return screen_; }
  /// All bytes that the program has written, as far as they were waited for.
  const std::string& written() const { return written_; }

 private:
  bool read_until(std::chrono::steady_clock::time_point deadline);
  void send(std::string_view bytes);

  Screen screen_;
  int terminal_ = -1;
  pid_t pid_ = -1;
  int status_ = -1;
  bool ended_ = false;
  std::string written_;
};

}  // namespace tachikoma::testing
