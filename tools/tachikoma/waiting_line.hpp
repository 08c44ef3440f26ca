// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "output.hpp"

#include <tachikoma/generation.hpp>

namespace tachikoma::cli {

/// What an answer waits for, as its deltas say it. A plain value.
struct WaitingFor {
  std::string what = "waiting for the model";
  std::optional<double> fraction = {};
  std::string more = {};
  std::int64_t pieces = 0;  ///< of reasoning, so far

  /// What this delta says of it; false if it says nothing.
  bool take(const Delta& delta);
  /// As a line of at most `room` columns.
  std::string line(std::chrono::milliseconds passed, std::size_t room) const;
};

/// Says on stderr what is being waited for: on a terminal alone, after half a second, and in a line that is
/// gone when the wait ends. Owns the thread that keeps the line up to date. For one thread; while it waits,
/// others must not write to the terminal.
class WaitingLine {
 public:
  explicit WaitingLine(Output& output) : output_(output) {}
  ~WaitingLine() { end(); }
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  /// A wait begins, unless there is one.
  void begin();
  /// It now waits for what this delta says, if it says something.
  void at(const Delta& delta);
  /// The wait is over, and the line is gone.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void keep_shown(Clock::time_point begun);

  Output& output_;
  std::thread shower_;
  std::condition_variable changed_;
  std::mutex mutex_;  // guards what follows
  WaitingFor waiting_;
  bool ends_ = false;
};

}  // namespace tachikoma::cli
