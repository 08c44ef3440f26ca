// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/generation_log.hpp"

namespace tachikoma::sqlite_log {

/// Which rows are kept: those that fit both.
struct Retention {
  std::chrono::milliseconds keep{0};  ///< since their generation began; 0: any time
  std::int64_t max_rows = 0;
};

/// Writes rows to the log, each at once; what can't be written waits for the next, within a bound. Not
/// synchronised.
class LogWriter {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;
  static constexpr std::size_t kMostWaiting = 1000;

  /// Opens the log, or begins one; if that can't be done just now, with a row. `say` gets a sentence about
  /// what was wrong with the log, now and later.
  static Result<LogWriter> open(std::string file, Retention retention, base::Say say,
                                Clock now = std::chrono::system_clock::now);

  /// Writes the rows that wait, and this one: a value for each of `base::log_columns()`.
  Status write(Value::Array row);
  /// Writes the rows that wait.
  Status write_waiting();

  std::size_t waiting() const { return waiting_.size(); }
  /// Rows that were dropped because too many waited.
  std::size_t lost() const { return lost_; }

 private:
  struct Log {
    base::Database database;
    base::Statement insert, remove_old, remove_surplus;
  };

  LogWriter(std::string file, Retention retention, base::Say say, Clock now)
      : file_(std::move(file)), retention_(retention), say_(std::move(say)), now_(std::move(now)) {}
  Status open_log();
  Status write_some();
  Status insert_some();
  Status remove_some();

  std::string file_;
  Retention retention_;
  base::Say say_;
  Clock now_;
  std::optional<Log> log_;  // absent: it has to be opened again
  std::deque<Value::Array> waiting_;
  std::size_t lost_ = 0;
};

}  // namespace tachikoma::sqlite_log
