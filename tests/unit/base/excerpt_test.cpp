// SPDX-License-Identifier: MIT
#include "base/excerpt.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("an excerpt is short, printable and whole characters", "[text]") {
  CHECK(base::excerpt("a\r\n\tb  c\n") == "a b c");
  CHECK(base::excerpt("ääää", 5) == "ää…");
  CHECK(base::excerpt("") == "");
}

TEST_CASE("printable text keeps its blanks and loses its control characters", "[text]") {
  CHECK(base::printable("a  b\x1b[31m\n") == "a  b [31m ");
  CHECK(base::printable("\xff\x01", 10, '?') == "\uFFFD?");
  CHECK(base::printable("ääää", 5) == "ää…");
  CHECK(base::printable("") == "");
}
