// SPDX-License-Identifier: MIT
#include "async/timer.hpp"

#include <future>
#include <mutex>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;

TEST_CASE("a timer calls in the order of the times, wherever they were moved to", "[timer]") {
  Timer timer;
  std::vector<int> order;
  std::promise<void> all;
  const auto start = Timer::Clock::now() + 20ms;
  const auto note = [&](int which) {
    return [&, which] {
      order.push_back(which);
      if (order.size() == 3) all.set_value();
      return Timer::Clock::time_point::max();
    };
  };
  const Timer::Id late = timer.arm(start + 1h, note(3));
  timer.arm(start + 5ms, note(2));
  const Timer::Id never = timer.arm(start, note(9));
  timer.arm(start, note(1));
  timer.move(late, start + 10ms);
  timer.disarm(never);
  all.get_future().wait();
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("a timer that sleeps is woken by what is due earlier", "[timer]") {
  Timer timer;
  timer.arm(Timer::Clock::now() + 1h, [] { return Timer::Clock::time_point::max(); });
  std::promise<void> called;
  timer.arm(Timer::Clock::now() + 1ms, [&] {
    called.set_value();
    return Timer::Clock::time_point::max();
  });
  called.get_future().wait();
}

TEST_CASE("an action that asks for it is called again, until it is withdrawn", "[timer]") {
  Timer timer;
  std::promise<void> thrice;
  int calls = 0;
  const Timer::Id id = timer.arm(Timer::Clock::now(), [&] {
    if (++calls == 3) thrice.set_value();
    return Timer::Clock::now();
  });
  thrice.get_future().wait();
  timer.disarm(id);
  const int then = calls;
  std::promise<void> later;
  timer.arm(Timer::Clock::now() + 2ms, [&] {
    later.set_value();
    return Timer::Clock::time_point::max();
  });
  later.get_future().wait();
  CHECK(calls == then);
}
