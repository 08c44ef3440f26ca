// SPDX-License-Identifier: MIT
#include "base/excerpt.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("an excerpt is short, printable and whole characters", "[text]") {
  CHECK(base::excerpt("a\r\n\tb  c\n") == "a b c");
  CHECK(base::excerpt("ääää", 5) == "ää…");
  CHECK(base::excerpt("") == "");
}
