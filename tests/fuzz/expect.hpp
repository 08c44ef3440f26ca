// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace tachikoma::testing {

/// Ends the program when a property does not hold: the fuzzer then reports its input as a finding.
inline void expect(bool holds, std::string_view property) {
  if (holds) return;
  std::cerr << "FAILED: " << property << '\n';
  std::abort();
}

/// The same for two texts that must be equal; prints both.
inline void expect_same(std::string_view a, std::string_view b, std::string_view property) {
  if (a != b) std::cerr << "--- one\n" << a << "\n--- the other\n" << b << '\n';
  expect(a == b, property);
}

}  // namespace tachikoma::testing
