// SPDX-License-Identifier: MIT
// How traces are made, written and shrunk.
#include <algorithm>
#include <array>
#include <random>

#include "unit/models/schedule_world.hpp"

namespace tachikoma::testing {

using models::MemoryBytes;
using models::Schedule;
using Kind = TraceEvent::Kind;

namespace {

/// Random numbers that are the same everywhere: the distributions of the library are not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  bool of_hundred(int percent) { return below(100) < percent; }
  milliseconds time_below(int limit) { return milliseconds(below(limit)); }

 private:
  std::mt19937_64 engine_;
};

Schedule::Rules random_rules(Dice& dice, int number) {
  Schedule::Rules rules;
  rules.name = std::string(1, static_cast<char>('A' + number));
  if (dice.of_hundred(70)) rules.needs = MemoryBytes{(dice.below(10) + 1LL) << 30, 0};
  rules.pin = dice.of_hundred(10);
  rules.preload = dice.of_hundred(15);
  if (dice.of_hundred(30)) rules.ttl = milliseconds(1'000 + dice.below(30'000));
  if (dice.of_hundred(30)) rules.min_residence = dice.time_below(6'000);
  return rules;
}

TraceEvent random_event(Dice& dice, const Trace& trace, bool calm) {
  TraceEvent event{.kind = Kind::ask,
                   .model = static_cast<std::size_t>(dice.below(static_cast<int>(trace.models.size())))};
  event.time = dice.time_below(dice.of_hundred(20) ? 15'000 : 2'000);
  if (dice.of_hundred(8)) event.kind = Kind::hold;
  if (event.kind == Kind::hold) return event;
  if (calm) return event;
  if (dice.of_hundred(15)) event.deadline = milliseconds(1 + dice.below(20'000));
  constexpr std::array kOthers{Kind::give_up,    Kind::give_up,   Kind::dismiss,   Kind::appear,
                               Kind::vanish,     Kind::fail_load, Kind::lack_room, Kind::fail_unload,
                               Kind::leave_load, Kind::squeeze,   Kind::reload,    Kind::relimit};
  if (dice.of_hundred(70) || trace.events.empty()) return event;
  event.kind = kOthers[static_cast<std::size_t>(dice.below(static_cast<int>(kOthers.size())))];
  event.request = static_cast<std::size_t>(dice.below(static_cast<int>(trace.events.size())));
  if (event.kind == Kind::squeeze) event.time = milliseconds(dice.of_hundred(40) ? 0 : dice.below(12 << 10));
  if (event.kind == Kind::reload) event.rules = random_rules(dice, 0);
  if (event.kind == Kind::relimit) event.time = milliseconds((8 + dice.below(16)) << 10);
  return event;
}

std::string name_of(Kind kind) {
  constexpr std::array kNames{"ask",     "give up",   "hold",      "dismiss",     "appear",
                              "vanish",  "fail load", "lack room", "fail unload", "leave load",
                              "squeeze", "reload",    "relimit"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string ms(Schedule::Clock::duration time) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
}

std::string to_text(const Schedule::Rules& rules) {
  return std::string(rules.pin ? "pinned, " : "") + (rules.preload ? "preloaded, " : "") + "ttl " +
         ms(rules.ttl) + ", min_residence " + ms(rules.min_residence);
}

}  // namespace

Trace random_trace(std::uint64_t seed, bool calm) {
  Dice dice(seed);
  Trace trace;
  const int models = 1 + dice.below(5);
  for (int number = 0; number < models; ++number) trace.models.push_back(random_rules(dice, number));
  if (calm)
    for (Schedule::Rules& each : trace.models) each.pin = false;
  if (dice.of_hundred(60)) trace.limits.ram = (8LL + dice.below(16)) << 30;
  if (dice.of_hundred(60) || !trace.limits.ram)
    trace.limits.max_instances = static_cast<std::size_t>(1 + dice.below(3));
  trace.patience = dice.time_below(8'000);
  trace.load_time = milliseconds(1 + dice.below(4'000));
  trace.unload_time = dice.time_below(1'000);
  const bool crowded = calm && dice.of_hundred(50);  // by requests for one model above all
  const int events = crowded ? 150 : 1 + dice.below(40);
  milliseconds at{};
  for (int number = 0; number < events; ++number) {
    if (dice.of_hundred(60)) at += dice.time_below(crowded ? 400 : dice.of_hundred(10) ? 60'000 : 2'500);
    TraceEvent event = random_event(dice, trace, calm);
    event.at = at;
    if (crowded && dice.of_hundred(85)) event.model = 0;
    if (crowded) event.time = std::min(event.time, milliseconds(1'500));
    trace.events.push_back(event);
  }
  return trace;
}

std::string to_text(const Trace& trace) {
  std::string text;
  for (const Schedule::Rules& each : trace.models) {
    text +=
        each.name + ": " + (each.needs ? std::to_string(each.needs->ram >> 30) + " GiB" : "of unknown size");
    text += ", " + to_text(each) + "\n";
  }
  if (trace.limits.ram) text += std::to_string(*trace.limits.ram >> 30) + " GiB of memory; ";
  if (trace.limits.max_instances)
    text += "at most " + std::to_string(*trace.limits.max_instances) + " models; ";
  text += "patience " + ms(trace.patience) + ", load " + ms(trace.load_time) + ", unload " +
          ms(trace.unload_time) + "\n";
  for (std::size_t number = 0; number < trace.events.size(); ++number) {
    const TraceEvent& each = trace.events[number];
    text += "#" + std::to_string(number) + " at " + ms(each.at) + ": " + name_of(each.kind);
    if (each.kind == Kind::give_up)
      text += " #" + std::to_string(each.request);
    else if (each.kind != Kind::squeeze && each.kind != Kind::relimit)
      text += " " + trace.models[each.model].name;
    if (each.kind == Kind::reload) text += ": " + to_text(each.rules);
    if (each.kind == Kind::ask || each.kind == Kind::hold || each.kind == Kind::squeeze ||
        each.kind == Kind::relimit)
      text += " for " + std::to_string(each.time.count());
    if (each.deadline.count() > 0) text += ", within " + ms(each.deadline);
    text += "\n";
  }
  return text;
}

std::string to_text(Sabotage sabotage) {
  constexpr std::array<const char*, kSabotages> kNames{"none",
                                                       "unloads what is used",
                                                       "loads twice",
                                                       "exceeds the memory",
                                                       "exceeds the number of models",
                                                       "loses a request",
                                                       "grants too early",
                                                       "unloads what is pinned",
                                                       "unloads what others loaded",
                                                       "overlooks others",
                                                       "forgets the minimum residence",
                                                       "forgets deadlines",
                                                       "forgets the ttl",
                                                       "forgets to preload",
                                                       "keeps unwanted loads",
                                                       "waits for what never fits",
                                                       "starves others",
                                                       "leaves memory idle",
                                                       "forgets what is held"};
  return kNames[static_cast<std::size_t>(sabotage)];
}

Trace shrunk(Trace trace, Sabotage sabotage) {
  const auto still_fails = [&](const Trace& some) { return play(some, sabotage).fault.has_value(); };
  for (std::size_t size = trace.events.size(); size > 0; size /= 2)
    for (std::size_t first = 0; first + size <= trace.events.size();) {
      Trace less = trace;
      const auto from = less.events.begin() + static_cast<std::ptrdiff_t>(first);
      less.events.erase(from, from + static_cast<std::ptrdiff_t>(size));
      std::erase_if(less.events, [&](const TraceEvent& each) {  // the numbers of events move
        return each.kind == Kind::give_up && each.request >= first && each.request < first + size;
      });
      for (TraceEvent& each : less.events)
        if (each.kind == Kind::give_up && each.request >= first + size) each.request -= size;
      if (still_fails(less))
        trace = std::move(less);
      else
        first += size;
    }
  return trace;
}

}  // namespace tachikoma::testing
