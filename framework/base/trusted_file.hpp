// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::base {

/// What a file's own folder may be. The folders above it may always be sticky, as /tmp is.
enum class OwnFolder : std::uint8_t { closed, sticky };

/// An open file that only root and the user can have put at its path, or can change. What is read of it is
/// what was checked, whatever the path leads to later.
struct TrustedFile {
  Descriptor file;
  std::string path;  ///< without links
  std::uint64_t size;
};

/// Opens a file once, for reading, if it may be trusted: it is regular; it, its folder, every folder above
/// and every link on the way belong to root or to the user; no other user can write the file or, unless they
/// are sticky, the folders. A group may write what its only member is the user. Fails with `config_invalid`;
/// the message names the part of the path that is at fault.
Result<TrustedFile> open_trusted(const std::string& path, OwnFolder own = OwnFolder::closed);

/// A folder of which many files are opened: the way to it is gone and checked once.
class TrustedFolder {
 public:
  explicit TrustedFolder(const std::string& path);
  /// As `open_trusted` for the file of that name in the folder.
  Result<TrustedFile> open(const std::string& name) const;

 private:
  std::string given_;
  Descriptor folder_;  // open if it and all above it may be trusted
  std::string path_;   // without links
};

/// The path at which this process has a file open: opening that maps the file itself, wherever its own path
/// leads by now. It is different for each file, also when the number of a closed one is used again.
std::string path_of_open(const Descriptor& file);

}  // namespace tachikoma::base
