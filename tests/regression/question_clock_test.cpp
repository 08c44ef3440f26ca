// SPDX-License-Identifier: MIT
// Each of a provider's questions to its server had the clocks of a generation to itself, so `ps` waited five
// minutes for each of them; and where another limit ended a question, the hint named a clock that was not
// set.
#include "calls/clocks.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("the clock of an answer runs over all requests of one call", "[clocks]") {
  Timer timer;
  CallCancellation cancellation;
  CallClocks clocks(timer, clock_limits({.connect = 1h, .first_token = 1h}), cancellation);
  clocks.on_phase(Phase::waiting);
  const auto first = clocks.left();
  clocks.on_phase(Phase::connecting);
  clocks.on_phase(Phase::waiting);
  CHECK(clocks.left() <= first);
}

TEST_CASE("a question about a server has half a minute, unless the configuration gives it less", "[clocks]") {
  CHECK(question_limits(clock_limits({})).first_token == 30s);
  CHECK(question_limits(clock_limits({.first_token = 0ms})).first_token == 30s);
  CHECK(question_limits(clock_limits({.first_token = 2s})).first_token == 2s);
  CHECK(question_limits(clock_limits({.load = 1h})).load == 1h);
}

TEST_CASE("the hint of a clock that ran out names it only if the configuration sets it", "[clocks]") {
  const auto hint = [](CancelReason clock, const ClockLimits& limits) {
    return timeout_error(clock, limits, "p").hint;
  };
  const ClockLimits usual = clock_limits({.first_token = 2s, .total = 1h});
  CHECK(hint(CancelReason::first_token, usual) ==
        "raise timeouts.first_token of the provider (0 is never), or ask for less");
  CHECK(hint(CancelReason::first_token, question_limits(usual)) == hint(CancelReason::first_token, usual));
  CHECK(hint(CancelReason::connect, question_limits(clock_limits({}))) ==
        "raise timeouts.connect of the provider (0 is never), or ask for less");
  CHECK(hint(CancelReason::total, usual) ==
        "raise timeouts.total of the provider (0 is never), or ask for less");
  const Error late = timeout_error(CancelReason::first_token, question_limits(clock_limits({})), "p");
  CHECK(late.message == "no answer from 'p' within 30 s");
  CHECK(late.hint == "see whether the server is stuck or too busy: its log may tell");
}
