// SPDX-License-Identifier: MIT
#include "models/schedule.hpp"

#include <optional>
#include <vector>

#include "support/catch.hpp"
#include "support/seeds.hpp"
#include "unit/models/schedule_world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using models::Schedule;
using namespace std::chrono_literals;

namespace {

/// Each request is served before any that came later.
class FirstComeFirstServed final : public models::SwitchPolicy {
 public:
  bool admits(const Entry& entry) const override { return entry.arrived < entry.other_waits_since; }
  bool leaves_before(const Resident& a, const Resident& b) const override {
    return a.last_used < b.last_used;
  }
};

/// One model of these fits at a time; the requests come a millisecond apart, and take a second each.
Trace queue_of(const std::string& models, milliseconds patience = 1h) {
  Trace trace{.models = {{.name = "A"}, {.name = "B"}, {.name = "C"}},
              .limits = {.max_instances = 1},
              .patience = patience};
  for (const char model : models)
    trace.events.push_back({.at = milliseconds(trace.events.size()),
                            .kind = TraceEvent::Kind::ask,
                            .model = static_cast<std::size_t>(model - 'A'),
                            .time = 1s});
  return trace;
}

std::string report(const Trace& trace, Sabotage sabotage) {
  const Trace less = shrunk(trace, sabotage);
  return *play(less, sabotage).fault + "\n" + to_text(less);
}

}  // namespace

TEST_CASE("requests for one model are served together", "[schedule]") {
  const Played batched = play(queue_of("ABAACABC"));
  CHECK_FALSE(batched.fault);
  CHECK(batched.loads == 1 + 2);
  const FirstComeFirstServed fair;
  CHECK(play(queue_of("ABAACABC"), Sabotage::none, &fair).loads == 1 + 6);
}

TEST_CASE("who asks again at once finds the model that it has used, though another waits", "[schedule]") {
  Trace trace = queue_of("AB", 5s);  // a load takes up to 2 s: the moment is 100 ms at least
  for (int number = 1; number < 4; ++number)
    trace.events.push_back(
        {.at = 1s + number * 1050ms, .kind = TraceEvent::Kind::ask, .model = 0, .time = 1s});
  const Played patient = play(trace);
  CHECK_FALSE(patient.fault);
  CHECK(patient.loads == 2);
  const FirstComeFirstServed fair;
  CHECK(play(trace, Sabotage::none, &fair).loads == 3);
}

TEST_CASE("nobody waits longer than the policy states, however many ask for another model", "[schedule]") {
  Trace trace = queue_of("A", 5s);
  for (int number = 1; number < 300; ++number)
    trace.events.push_back({.at = number * 100ms, .kind = TraceEvent::Kind::ask, .model = 0, .time = 1s});
  trace.events.insert(trace.events.begin() + 1,
                      {.at = 1ms, .kind = TraceEvent::Kind::ask, .model = 1, .time = 1s});
  const Played played = play(trace);
  CHECK_FALSE(played.fault);
  CHECK(played.longest_wait >= 5s);
  CHECK(played.longest_wait < 5s + 2 * (1s + 2s + 200ms));
  CHECK(play(trace, Sabotage::starves_others).fault);
}

TEST_CASE("a model that is held makes room when the patience is over, not before", "[schedule]") {
  const models::Batching policy(10s);
  Schedule schedule({.max_instances = 1}, policy);
  const Schedule::Time start{1h};
  const auto a = schedule.add({.name = "A", .ttl = 1s}, start), b = schedule.add({.name = "B"}, start);
  schedule.wait(1, a, Schedule::kNever, start);
  schedule.loaded(a, {}, start);
  const Schedule::Lease lease = schedule.take_orders().back().lease;
  schedule.hold(a);
  schedule.release(lease, start);
  schedule.advance(start + 1min);  // its ttl has passed
  schedule.wait(2, b, Schedule::kNever, start + 1min);
  schedule.advance(start + 1min + 9999ms);
  CHECK_FALSE(schedule.has_orders());
  CHECK(schedule.next_due() == start + 1min + 10s);
  SECTION("the patience is over") { schedule.advance(start + 1min + 10s); }
  SECTION("it is let go, and its moment is over") {
    schedule.let_go(a, start + 1min + 9999ms);
    schedule.advance(start + 1min + 9999ms);
  }
  const auto orders = schedule.take_orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].kind == Schedule::Order::Kind::unload);
  CHECK(orders[0].model == a);
}

TEST_CASE("who finds no room because another model is just being loaded waits until that can leave",
          "[schedule]") {
  using Kind = Schedule::Order::Kind;
  const models::Batching policy(0ms);
  Schedule schedule({}, policy);
  Schedule::Time now{};
  const auto kinds = [&] {
    std::vector<Kind> taken;
    for (const Schedule::Order& order : schedule.take_orders()) taken.push_back(order.kind);
    return taken;
  };
  const auto a = schedule.add({.name = "a"}, now), b = schedule.add({.name = "b"}, now);
  schedule.wait(1, a, Schedule::kNever, now);
  schedule.wait(2, b, Schedule::kNever, now);
  CHECK(kinds() == std::vector{Kind::load, Kind::load});
  schedule.load_failed(b, Error(ErrorCode::insufficient_memory, "no room"), now);
  CHECK(kinds().empty());
  schedule.loaded(a, std::nullopt, now);
  const std::vector<Schedule::Order> granted = schedule.take_orders();
  REQUIRE(granted.size() == 1);
  now += 1h;
  schedule.release(granted[0].lease, now);
  schedule.advance(now + 1h);
  CHECK(kinds() == std::vector{Kind::unload});
  schedule.unloaded(a, now);
  CHECK(kinds() == std::vector{Kind::load});
}

TEST_CASE("who finds no room beside what others hold is refused each time, and does not wait for that",
          "[schedule]") {
  using Kind = Schedule::Order::Kind;
  const models::Batching policy(0ms);
  Schedule schedule({}, policy);
  const Schedule::Time now{};
  const auto kinds = [&] {
    std::vector<Kind> taken;
    for (const Schedule::Order& order : schedule.take_orders()) taken.push_back(order.kind);
    return taken;
  };
  const auto a = schedule.add({.name = "a"}, now), b = schedule.add({.name = "b"}, now);
  schedule.appeared(a, now, true);
  for (const Schedule::Ticket ticket : {1, 2}) {
    schedule.wait(ticket, b, Schedule::kNever, now);
    CHECK(kinds() == std::vector{Kind::load});
    schedule.load_failed(b, Error(ErrorCode::insufficient_memory, "no room"), now);
    CHECK(kinds() == std::vector{Kind::refuse});
  }
}

TEST_CASE("whatever happens to a schedule, it keeps what it promises", "[schedule][exhaustive]") {
  const std::vector<std::uint32_t> all = seeds(100'000);
  std::size_t events = 0;
  for (const std::uint32_t seed : all) {
    const Trace trace = random_trace(seed, seed % 4 == 0);
    const Played played = play(trace);
    events += played.events;
    INFO("seed " << seed);
    if (played.fault) FAIL(report(trace, Sabotage::none));
  }
  CHECK(events > 20 * all.size());
}

TEST_CASE("each promise is watched: a schedule that breaks it is found out", "[schedule]") {
  for (std::size_t number = 1; number < kSabotages; ++number) {
    const auto sabotage = static_cast<Sabotage>(number);
    INFO(to_text(sabotage));
    std::size_t seed = 0;
    while (seed < 5'000 && !play(random_trace(seed, seed % 4 == 0), sabotage).fault) ++seed;
    REQUIRE(seed < 5'000);
    const Trace less = shrunk(random_trace(seed, seed % 4 == 0), sabotage);
    CHECK(play(less, sabotage).fault);
    CHECK(less.events.size() <= 20);
  }
}
