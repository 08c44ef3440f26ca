// SPDX-License-Identifier: MIT
#pragma once

// Hides the differences between Catch2 version 2 (Debian 12) and 3 (newer).
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
namespace tachikoma::testing {
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
}  // namespace tachikoma::testing
#else
#include <catch2/catch.hpp>
namespace tachikoma::testing {
using Catch::Matchers::StartsWith;
inline auto ContainsSubstring(const std::string& text) { return Catch::Matchers::Contains(text); }
}  // namespace tachikoma::testing
#endif
