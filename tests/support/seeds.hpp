// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace tachikoma::testing {

/// The seeds of a test that makes up what it tries: the first `count`, a tenth of them under a sanitizer. The
/// variable TACHIKOMA_SEEDS ("5000 900": 900 from 5000 on) tries others.
inline std::vector<std::uint32_t> seeds(std::uint32_t count) {
#ifdef TACHIKOMA_SANITIZED
  count = count / 10;
#endif
  std::uint32_t first = 1;
  if (const char* other = std::getenv("TACHIKOMA_SEEDS")) {
    std::size_t read = 0;
    first = static_cast<std::uint32_t>(std::stoul(other, &read));
    count = static_cast<std::uint32_t>(std::stoul(std::string(other).substr(read)));
  }
  std::vector<std::uint32_t> all(count);
  for (std::uint32_t i = 0; i < count; ++i) all[i] = first + i;
  return all;
}

}  // namespace tachikoma::testing
