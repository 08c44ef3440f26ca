// SPDX-License-Identifier: MIT
#include "common/net/pause.hpp"

#include <future>

#include "support/catch.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a pause ends when its time is over, and at once when the call is cancelled", "[net]") {
  constexpr std::chrono::hours kLong{1};
  TestCancellation cancellation;
  CHECK(kit::pause(std::chrono::milliseconds(0), cancellation));
  auto waiting = std::async(std::launch::async, [&] { return kit::pause(kLong, cancellation); });
  cancellation.request();
  CHECK_FALSE(waiting.get());
  CHECK_FALSE(kit::pause(kLong, cancellation));
}
