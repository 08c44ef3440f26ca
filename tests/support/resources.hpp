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

  std::vector<std::string> descriptors;
  std::size_t threads = 0;

  friend bool operator==(const Resources&, const Resources&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Resources& resources);
};

}  // namespace tachikoma::testing
