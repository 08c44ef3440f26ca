// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace tachikoma::testing {

/// The resources of this process: its open descriptors, with their targets, and its threads. Compare two to
/// see what was not released.
struct Resources {
  Resources();
  /// The resources at the end: waits briefly until they equal `before`, because the system lists a thread for
  /// a short time after it was joined.
  static Resources settled(const Resources& before);

  std::vector<std::string> descriptors;
  std::size_t threads = 0;

  friend bool operator==(const Resources&, const Resources&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Resources& resources);
};

}  // namespace tachikoma::testing
