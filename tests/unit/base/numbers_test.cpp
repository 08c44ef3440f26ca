// SPDX-License-Identifier: MIT
#include "base/numbers.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace tachikoma::base;

TEST_CASE("a number has as many digits as are wanted", "[numbers]") {
  CHECK(decimal(2.46) == "2.5");
  CHECK(decimal(0) == "0.0");
  CHECK(decimal(-1.005, 0) == "-1");
  CHECK(decimal(1.25, 3) == "1.250");
  CHECK(decimal(std::numeric_limits<double>::max()).size() == 311);
}
