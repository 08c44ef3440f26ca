// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::sessions {

/// The content of a file that only root and this user can have put there, or can change. Fails with
/// `invalid_argument`.
Result<std::string> read_private_file(const std::string& path);

/// A file that only this user can read, and that no other of these objects, in whichever program, writes
/// while this one exists. It is made, and replaced, as a whole: whoever looks at it sees one version or the
/// other. A link at its place is replaced, not followed. Errors about the path are `invalid_argument`, with
/// `in_use` or `exists` in their detail where that is what is wrong; those of writing are `internal`.
class PrivateFile {
 public:
  /// One that is there, and may be trusted.
  static Result<PrivateFile> open(const std::string& path);
  /// One that is not there yet.
  static Result<PrivateFile> create(const std::string& path, std::string_view text);
  /// One that may be there already, and then is replaced.
  static Result<PrivateFile> put(const std::string& path, std::string_view text);

  Result<std::string> read() const;
  /// Writes the text at its end. After a failure only `replace` is of use.
  Status append(std::string_view text);
  Status replace(std::string_view text);

  const std::string& path() const { return path_; }
  /// True if it is what the path leads to.
  bool is_at(const std::string& path) const;

 private:
  PrivateFile(base::Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  static Result<PrivateFile> write_beside(const std::string& path, std::string_view text);
  Status move_to(const std::string& path);

  base::Descriptor file_;  // locked
  std::string path_;
};

}  // namespace tachikoma::sessions
