// SPDX-License-Identifier: MIT
#include "base/text_hash.hpp"

#include <array>
#include <cstdio>

namespace tachikoma::base {

std::string TextHash::text() const {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash_));
  return digits.data();
}

}  // namespace tachikoma::base
