// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::jsonl {

/// A file of lines that several processes may append to, each line with one write. Before it becomes larger
/// than wanted it is renamed to `<file>.1`, what has that name to `<file>.2`, and so on; whoever else renames
/// or removes the file is followed. Not synchronised: each owner has one of its own.
class LogFile {
 public:
  struct Rotation {
    std::int64_t at_bytes = 0;  ///< 0: never
    int keep = 5;               ///< how many renamed files there may be
  };

  /// Opens or creates it, for its owner's eyes only. An error of this class says what could not be done, as
  /// in "can't write to '/x' (No space left on device)".
  static Result<LogFile> open(std::string path, Rotation rotation);

  const std::string& path() const { return path_; }
  /// Why it could not be renamed although it is large enough; empty: nothing is wrong. It grows meanwhile.
  const std::string& rotation_failure() const { return rotation_failure_; }
  /// Writes `line` and its end. A failure may leave a part of the line in the file, which the next one does
  /// not continue.
  Status append(std::string line);

 private:
  LogFile(std::string path, Rotation rotation) : path_(std::move(path)), rotation_(rotation) {}
  Error failure() const;
  Status reopen();
  bool is_current(const struct stat& own) const;
  bool rotate(const struct stat& own);
  bool rename_all();

  std::string path_;
  Rotation rotation_;
  base::Descriptor file_;
  bool torn_ = false;  // the last line has no end
  std::string rotation_failure_;
};

}  // namespace tachikoma::jsonl
