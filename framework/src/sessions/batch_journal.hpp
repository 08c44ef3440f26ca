// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sessions/batch_input.hpp"
#include "sessions/line_file.hpp"

namespace tachikoma::sessions {

/// The results of a batch that has not ended, in a file: a line about its input, and one for each request
/// that has ended, as they ended. Locked: one program at a time goes on with it. A program that is killed
/// leaves a line cut at worst, which the next one drops.
class BatchJournal {
 public:
  /// A new one. Fails with `invalid_argument` if it is there already.
  static Result<BatchJournal> create(const std::string& path, const BatchInput& input);
  /// One that is there, with what it has. Fails with `invalid_argument` if it is of another input or of a
  /// schema that is not known, or if a program goes on with it.
  static Result<BatchJournal> open(const std::string& path, const BatchInput& input);

  /// `line` is the JSON of the result.
  Status add(std::size_t request, bool succeeded, const std::string& line);
  /// What was added outlives a loss of power.
  Status sync() const;
  /// Whether a request has ended, and how.
  std::optional<bool> ended(std::size_t request) const;
  std::size_t count(bool succeeded) const;
  std::size_t count() const { return count(true) + count(false); }
  /// Writes the lines of the requests that succeeded, or failed, to a new file, in the order of the requests.
  Status write(const std::string& path, bool succeeded) const;
  void remove() const;
  const std::string& path() const { return file_.path(); }

 private:
  struct Entry {
    LinePlace place;  // of the result's line within the journal's; empty: it has not ended
    bool succeeded;
  };

  BatchJournal(LineFile file, std::size_t requests) : file_(std::move(file)), entries_(requests) {}
  Status lock() const;
  Status read(const BatchInput& input);
  Status check_head(const Value& head, const BatchInput& input) const;
  bool take(const LineFile::Line& line);
  Status append(const std::string& line);

  LineFile file_;
  std::vector<Entry> entries_;
  std::uint64_t end_ = 0;  // of its last whole line
};

}  // namespace tachikoma::sessions
