// SPDX-License-Identifier: MIT
#include "readme/wildcard.hpp"

#include "support/catch.hpp"

using tachikoma::testing::matches;

TEST_CASE("an ellipsis stands for any text, and everything else for itself", "[readme]") {
  CHECK(matches("one", "one"));
  CHECK_FALSE(matches("one", "two"));
  CHECK(matches("one two three", "one … three"));
  CHECK(matches("one\ntwo\nthree\n", "one\n…three\n"));
  CHECK(matches("anything", "…"));
  CHECK(matches("", "…"));
  CHECK(matches("aXbYc", "a…b…c"));
  CHECK_FALSE(matches("aXcYb", "a…b…c"));
  CHECK_FALSE(matches("one two", "…one"));
  CHECK_FALSE(matches("ab", "ab…b"));
}
