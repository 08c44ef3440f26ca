// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::cli {

/// What a user has typed, kept in a file that only they can read: a JSON string a line, so that a text of
/// several lines is one of them. Programs that run at the same time add to the same file. Losing it is no
/// harm: what can't be read or written is left out.
class LineHistory {
 public:
  /// Without a file (an empty name) nothing is kept.
  explicit LineHistory(std::string file) : file_(std::move(file)) {}

  /// The last lines, at most a thousand, the oldest first.
  std::vector<std::string> read() const;
  /// Adds a line, and removes the oldest ones once the file has become large. A line of more than 64 kB is
  /// left out.
  void add(std::string_view line) const;

 private:
  void shorten() const;

  std::string file_;
};

}  // namespace tachikoma::cli
