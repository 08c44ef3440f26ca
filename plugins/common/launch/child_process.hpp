// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// A program to run.
struct ChildCommand {
  std::vector<std::string> argv;  ///< a first word without '/' is searched for in $PATH
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< overrides ours
  std::vector<std::string> without = {};  ///< variables of ours that it does not get
  bool keep_all = true;  ///< false: processes that it leaves behind when it ends on its own stay
  int stop_signal = SIGTERM;
  std::chrono::milliseconds stop_time{5000};  ///< after this it is killed
};

/// How a program ended.
struct ChildEnd {
  int exit_code = 0;
  int signal = 0;  ///< not 0: it ended by that signal
};

/// "exit code 3", "signal 9 (Killed)".
std::string to_text(const ChildEnd& end);

/// A program that runs as long as this object exists, with everything that it starts. A keeper process
/// ensures that, even if this process is killed. [thread-safe]
class ChildProcess {
 public:
  /// Receives each line that the program writes, without its line end, on a thread of this object.
  using OnLine = std::function<void(std::string_view line)>;

  /// Fails with `config_invalid` if the program can't be run, `internal` if the system lacks resources for
  /// it.
  static Result<std::unique_ptr<ChildProcess>> start(const ChildCommand& command, OnLine on_line = {});
  /// Stops it and waits until all of it is gone.
  ~ChildProcess();

  pid_t pid() const;
  /// Asks it to end; returns immediately.
  void stop();
  /// Kills it; returns immediately.
  void kill();
  /// Asks it to end, and waits until all of it is gone, which is soon after `stop_time`.
  void end_now();
  /// How it ended, once it and all that it started are gone.
  std::optional<ChildEnd> end() const;
  /// Waits until it has ended, `limit` has passed or the call is cancelled; true if it has ended.
  bool wait_for_end(std::chrono::milliseconds limit, Cancellation& cancellation) const;
  bool wait_for_end(std::chrono::milliseconds limit) const;
  /// The last lines that it wrote.
  std::string last_lines() const;

 private:
  class Impl;
  explicit ChildProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma::kit
