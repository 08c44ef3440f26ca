// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/schedule.hpp"

namespace tachikoma::testing {

using std::chrono::milliseconds;

/// Something that happens to a schedule from outside.
struct TraceEvent {
  enum class Kind {
    ask,      ///< with `time`: how long the model is used; `deadline`, if it is not 0
    give_up,  ///< the request of event `request`: while it waits, or while it is served
    hold,     ///< the model, for `time`
    dismiss,
    appear,       ///< another program loads it
    vanish,       ///< another program unloads it, or its server restarts
    fail_load,    ///< the next one
    lack_room,    ///< the next load fails, for lack of memory
    fail_unload,  ///< the next one
    leave_load,   ///< the next one: whoever ran it wants it no more
    squeeze,      ///< other programs take a part of the memory: `time` MiB
    reload,       ///< the configuration changes: of the model, `rules`
    relimit,      ///< likewise: of the memory, `time` MiB, if it is limited
  };
  milliseconds at{};  ///< since the beginning
  Kind kind;
  std::size_t model = 0;
  milliseconds time{};
  milliseconds deadline{};
  std::size_t request = 0;             ///< the number of an event
  models::Schedule::Rules rules = {};  ///< of a reload; the name and the needs stay
};

struct Trace {
  std::vector<models::Schedule::Rules> models = {};
  models::Schedule::Limits limits = {};
  milliseconds patience{5'000};
  milliseconds load_time{1'000}, unload_time{200};
  std::vector<TraceEvent> events = {};
};

/// A trace that depends on `seed` alone. A calm one has no failures and nobody who interferes: only in such a
/// world is the time bounded that a request waits.
Trace random_trace(std::uint64_t seed, bool calm);
std::string to_text(const Trace& trace);

/// What a schedule could do wrong: done to its orders, or by telling it less than is true.
enum class Sabotage {
  none,
  unloads_what_is_used,
  loads_twice,
  exceeds_memory,
  exceeds_instances,
  loses_a_request,
  grants_too_early,
  unloads_what_is_pinned,
  unloads_what_others_loaded,
  overlooks_others,
  forgets_residence,
  forgets_deadlines,
  forgets_ttl,
  forgets_preload,
  keeps_unwanted_loads,
  waits_for_what_never_fits,
  starves_others,
  leaves_memory_idle,
  forgets_holds,
};
inline constexpr std::size_t kSabotages = 19;
std::string to_text(Sabotage sabotage);

struct Played {
  std::optional<std::string> fault;  ///< the first, and when
  std::size_t loads = 0;
  std::size_t events = 0;  ///< after each of which everything was checked
  milliseconds longest_wait{};
};

/// Plays a trace on a simulated clock, with servers that load and unload as they are ordered to, and checks
/// after each event all that a schedule promises. `policy`: instead of the default one.
Played play(const Trace& trace, Sabotage sabotage = Sabotage::none,
            const models::SwitchPolicy* policy = nullptr);

/// The same trace without the events that its fault does not need.
Trace shrunk(Trace trace, Sabotage sabotage);

}  // namespace tachikoma::testing
