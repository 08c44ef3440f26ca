// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "unit/models/schedule_world.hpp"

namespace tachikoma::testing {

/// What is true of the servers and the callers in a played trace: kept apart from the schedule's own records.
struct ScheduleFacts {
  using MemoryBytes = models::MemoryBytes;
  using Schedule = models::Schedule;
  using Time = Schedule::Time;

  struct Model {
    enum Phase { absent, loading, cancelling, loaded, unloading } phase = absent;
    bool foreign = false, dismissed = false, limited = false, failed = false;
    std::optional<MemoryBytes> known;
    Time ends{};  // of loading and unloading
    Time loaded_at{}, last_used{}, unload_again{};
    std::size_t loads = 0;
    bool leaves_load = false;
    bool fails_load = false, lacks_room = false, fails_unload = false;
    std::set<Schedule::Ticket> users = {};
    std::multiset<Time> held_until = {};
  };
  struct Request {
    enum State { waiting, served, over } state = waiting;
    std::size_t model;
    Time arrived, deadline, ends{};
    milliseconds time;
    std::size_t ahead = 0;  // other models that somebody has waited for longer
    Schedule::Lease lease = {};
  };

  struct Held {
    MemoryBytes bytes;
    std::size_t models = 0;
  };

  explicit ScheduleFacts(const Trace& of) : trace(of), models(of.models.size()) {}

  Held held(bool with_leaving) const;
  bool fits(std::size_t id, const Held& beside) const;
  /// Beside what is pinned.
  bool fits_ever(std::size_t id) const;
  bool waits(std::size_t id) const;
  /// Somebody has waited for as long as the patience, or memory is short.
  bool may_end_holds(Time now) const;
  /// What a schedule promises and does not hold, whenever nothing happens.
  std::optional<std::string> broken_promise(Time now) const;
  /// The same at the end of a trace.
  std::optional<std::string> forgotten_request() const;

  const Trace& trace;
  std::vector<Model> models;
  std::map<Schedule::Ticket, Request> requests = {};
  MemoryBytes others = {};

 private:
  std::optional<std::string> of_request(Schedule::Ticket ticket, const Request& request, bool others_wait,
                                        Time now) const;
  std::optional<std::string> of_model(std::size_t id, bool others_wait, Time now) const;
  std::optional<std::size_t> oldest_absent() const;
  std::string name(std::size_t id) const { return trace.models[id].name; }
};

}  // namespace tachikoma::testing
