// SPDX-License-Identifier: MIT
// "4.1GB" and "4.1s" were refused: the product with the unit is a whole number but for the last digit of a
// double.
#include "config/scalars.hpp"
#include "support/catch.hpp"

using namespace tachikoma::config;

TEST_CASE("fractions of a unit that are whole bytes or milliseconds are accepted, whatever their digits",
          "[config]") {
  for (std::int64_t tenths = 1; tenths < 2000; ++tenths) {
    const std::string number = std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
    CHECK(parse_size(number + "GB").value == tenths * 100'000'000);
    CHECK(parse_size(number + "MB").value == tenths * 100'000);
    CHECK(parse_duration(number + "s").value == tenths * 100);
  }
  CHECK(parse_size("4001.001GB").value == 4'001'001'000'000);
  for (const char* fraction : {"0.5B", "1.0001kB", "4.1B", "0.0000001kB"})
    CHECK_FALSE(parse_size(fraction).value);
  CHECK_FALSE(parse_duration("0.5ms").value);
}
