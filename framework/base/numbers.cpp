// SPDX-License-Identifier: MIT
#include "base/numbers.hpp"

#include <array>
#include <cstdio>

namespace tachikoma::base {

std::string decimal(double number, int digits) {
  std::array<char, 400> text{};  // the largest number has 309 digits before the point
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

}  // namespace tachikoma::base
