// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::sessions {

/// Where a line is in a file, without its end.
struct LinePlace {
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

/// A file of lines that may be larger than the memory.
class LineFile {
 public:
  /// `path` is for the errors.
  LineFile(base::Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  /// For reading. Fails with `invalid_argument`.
  static Result<LineFile> open(const std::string& path);

  /// The next line; its text lives until the next call. Nullopt at the end.
  struct Line {
    LinePlace place;
    std::string_view text;
    bool has_end;  ///< false: the file ends within it
  };
  Result<std::optional<Line>> next();
  /// The text of a line that was read before.
  Result<std::string> read(const LinePlace& place) const;

  const base::Descriptor& descriptor() const { return file_; }
  const std::string& path() const { return path_; }

 private:
  Error cannot_read(int failure) const;

  base::Descriptor file_;
  std::string path_;
  std::string buffer_;    // of what was read, from `at_` on
  std::size_t used_ = 0;  // of the buffer: lines that were given out
  std::uint64_t at_ = 0;  // where the buffer begins in the file
};

}  // namespace tachikoma::sessions
