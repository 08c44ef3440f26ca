// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace tachikoma::testing {

/// What this process holds now: its open descriptors, by what they are, and its threads. Compare two to see
/// what stayed.
struct Resources {
  Resources();
  /// What is held in the end: waits a moment for it to become `before`, because the system lists a thread for
  /// some time after it was joined.
  static Resources settled(const Resources& before);

  std::vector<std::string> descriptors;
  std::size_t threads = 0;

  friend bool operator==(const Resources&, const Resources&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Resources& resources);
};

}  // namespace tachikoma::testing
