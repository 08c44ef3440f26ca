// SPDX-License-Identifier: MIT
#include "config/scalars.hpp"

#include "support/catch.hpp"

using namespace tachikoma::config;

TEST_CASE("durations have units and may be combined", "[config]") {
  CHECK(parse_duration("0").value == 0);
  CHECK(parse_duration("500ms").value == 500);
  CHECK(parse_duration("1.5s").value == 1500);
  CHECK(parse_duration("1h30m").value == 5'400'000);
  for (const char* wrong :
       {"", "5", "1.5", "-1s", "5 s", "s", "1h30", "1.2345ms", "99999999999999999999h", "1x"})
    CHECK_FALSE(parse_duration(wrong).value);
}

TEST_CASE("sizes are bytes, with decimal and binary units", "[config]") {
  CHECK(parse_size("1024").value == 1024);
  CHECK(parse_size("512MiB").value == 536'870'912);
  CHECK(parse_size("16GB").value == 16'000'000'000);
  CHECK(parse_size("1.5kB").value == 1500);
  for (const char* wrong : {"", "-1", "5 MB", "MB", "1mb", "1MBx", "99999999999999999999", "9999999999TiB"})
    CHECK_FALSE(parse_size(wrong).value);
}

TEST_CASE("shares are percentages, up to all", "[config]") {
  CHECK(parse_share("0%") == 0);
  CHECK(parse_share("1.1%") == 0.011);  // 1.1 / 100 is more
  CHECK(parse_share("12.5%") == 0.125);
  CHECK(parse_share("100%") == 1);
  for (const char* wrong : {"", "%", "5", "0.5", "101%", "-1%", "1e1%", "5 %", "%5"})
    CHECK_FALSE(parse_share(wrong));
}

TEST_CASE("false and nothing of a quantity ask for nothing", "[config]") {
  for (const char* off : {"false", "no", "off", "0", "0.0", "0s", "0ms"}) CHECK(is_off(off));
  for (const char* on : {"true", "yes", "1", "-1", "1ms", "jit", ""}) CHECK_FALSE(is_off(on));
}

TEST_CASE("numbers are decimal", "[config]") {
  using Kind = NumberText::Kind;
  CHECK(parse_number("-12").integer == -12);
  CHECK(parse_number("1e3").integer == 1000);
  CHECK(parse_number("1.0").kind == Kind::integer);
  CHECK(parse_number("+0.25").real == 0.25);
  CHECK(parse_number("010").kind == Kind::leading_zero);
  CHECK(parse_number("-007").kind == Kind::leading_zero);
  CHECK(parse_number("9223372036854775808").kind == Kind::too_large);
  CHECK(parse_number("1e999").kind == Kind::too_large);
  for (const char* text : {"", "-", ".5", "5.", "0x10", "1_000", ".inf", "nan", "1e", "1 "})
    CHECK(parse_number(text).kind == Kind::none);
}
