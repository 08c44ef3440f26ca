// SPDX-License-Identifier: MIT
// The clocks went on while the process was stopped: after a ^Z longer than a clock, the answer that lay in
// the socket was thrown away.
#include "async/running_time.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;

namespace {

using Moment = RunningTime::Clock::time_point;

/// A process whose timer sleeps for `sleep` at a time, and is stopped now and then.
struct Sleeper {
  RunningTime time;
  Moment now = Moment(1000s);
  std::chrono::milliseconds sleep = 500ms;

  void run(std::chrono::milliseconds for_time) {
    for (auto left = for_time; left > 0ms; left -= sleep) sleep_once(0ms);
  }
  void sleep_once(std::chrono::milliseconds late) {
    const Moment asleep = now;
    now += sleep + late;
    time.woke(asleep, asleep + sleep, now);
  }
};

}  // namespace

TEST_CASE("the time for which a process was stopped is no running time", "[clocks]") {
  Sleeper process;
  const auto start = process.time.at(process.now);
  process.run(10s);
  CHECK(process.time.at(process.now) - start == 10s);
  process.sleep_once(1h);
  CHECK(process.time.at(process.now) - start == 10s);
  process.run(5s);
  process.sleep_once(2min);
  process.sleep_once(3s);
  CHECK(process.time.at(process.now) - start == 15s);
}

TEST_CASE("a deadline lies as far ahead after a stop as before it", "[clocks]") {
  Sleeper process;
  const auto deadline = process.time.at(process.now) + 2min;
  process.sleep_once(1h);
  CHECK(deadline - process.time.at(process.now) == 2min);
  CHECK(process.time.moment_of(deadline) - process.now == 2min);
}

TEST_CASE("a thread that wakes a little late ran", "[clocks]") {
  Sleeper process;
  const auto start = process.time.at(process.now);
  for (int i = 0; i < 10; ++i) process.sleep_once(100ms);
  CHECK(process.time.at(process.now) - start == 6s);
}
