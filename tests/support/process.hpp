// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace tachikoma::testing {

/// The result of a finished program.
struct Finished {
  int exit_code = -1;  ///< 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// What to run. Environment variables are added to ours; an empty value removes one.
struct Command {
  std::vector<std::string> argv;
  std::string input = {};
  std::vector<std::pair<std::string, std::string>> env = {};
  std::string folder = {};
  std::chrono::seconds limit{60};
};

/// Becomes that program; for a child that was just forked. Exits with 126 or 127 if it can't.
[[noreturn]] void exec(const Command& command);

/// Runs a program to its end and returns what it wrote; kills it at the limit.
Finished run(const Command& command);

/// A program running in the background: stdout is read by line. Killed and reaped at the end.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  /// The next line of its stdout, without the end; throws when none comes within the limit.
  std::string read_line(std::chrono::milliseconds limit = std::chrono::seconds(20));
  /// Writes to its stdin.
  void write(const std::string& text);
  void close_input();
  void signal(int number) const;
  /// Waits for its end; returns the exit code, or 128 + signal. Throws at the limit.
  int wait(std::chrono::milliseconds limit = std::chrono::seconds(20));

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int status_ = -1;
  std::string buffer_;
};

/// The path of a built program: `program("tachikoma")`.
std::string program(const std::string& name);

}  // namespace tachikoma::testing
