// SPDX-License-Identifier: MIT
#include "plugins/text.hpp"

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::plugins;

TEST_CASE("text from a plugin loses what could harm a terminal or a log", "[plugins]") {
  CHECK(printable("two\nlines\x1b[31m") == "two lines [31m");
  CHECK(printable("\xff") == "\xEF\xBF\xBD");
  CHECK(printable("abcdef", 3) == "abc…");
  CHECK(printable("") == "");
}

TEST_CASE("numbers are counted as people count", "[plugins]") {
  CHECK(ordinal(1) == "1st");
  CHECK(ordinal(2) == "2nd");
  CHECK(ordinal(3) == "3rd");
  CHECK(ordinal(4) == "4th");
  CHECK(ordinal(11) == "11th");
  CHECK(ordinal(12) == "12th");
  CHECK(ordinal(21) == "21st");
  CHECK(ordinal(113) == "113th");
}

TEST_CASE("mangled symbols become readable, others stay", "[plugins]") {
  CHECK(demangled("_ZN4acme16missing_functionEi") == "acme::missing_function(int)");
  CHECK(demangled("i") == "int");
  CHECK(demangled("printf") == "printf");
}

TEST_CASE("an error without words gets a sentence", "[text]") {
  for (const char* nothing : {"", "  ", "\r\n"}) {
    const Error error = plugins::printable(Error(ErrorCode::model_lost, nothing));
    CHECK(error.message == "the plugin reports 'model_lost', without a word about the cause");
    CHECK(error.hint == "report it to the author of the plugin");
  }
  CHECK(plugins::printable(Error(ErrorCode::timeout, "", "ask again")).hint == "ask again");
}
