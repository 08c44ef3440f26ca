// SPDX-License-Identifier: MIT
#include "base/durations.hpp"

#include "config/scalars.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;

TEST_CASE("a time is told in the largest unit that it is a whole number of", "[durations]") {
  CHECK(base::describe_time(0ms) == "0 s");
  CHECK(base::describe_time(15ms) == "15 ms");
  CHECK(base::describe_time(1500ms) == "1500 ms");
  CHECK(base::describe_time(20s) == "20 s");
  CHECK(base::describe_time(90s) == "90 s");
  CHECK(base::describe_time(5min) == "5 min");
}

TEST_CASE("a time is written as a configuration reads it", "[durations]") {
  CHECK(base::duration_text(300s) == "300s");
  CHECK(base::duration_text(1500ms) == "1500ms");
  for (const auto time : {0ms, 1ms, 999ms, 1000ms, 1001ms, 86'400'000ms})
    CHECK(config::parse_duration(base::duration_text(time)).value == time.count());
}
