// SPDX-License-Identifier: MIT
#include "unit/models/schedule_facts.hpp"

#include <algorithm>

namespace tachikoma::testing {

using models::MemoryBytes;
using models::Schedule;

ScheduleFacts::Held ScheduleFacts::held(bool with_leaving) const {
  Held all{others, 0};
  for (const Model& each : models)
    if (each.phase != Model::absent && (with_leaving || each.phase != Model::unloading)) {
      all.bytes = all.bytes + each.known.value_or(MemoryBytes{});
      ++all.models;
    }
  return all;
}

bool ScheduleFacts::fits(std::size_t id, const Held& beside) const {
  const MemoryBytes whole = beside.bytes + models[id].known.value_or(MemoryBytes{});
  const Schedule::Limits& limits = trace.limits;
  return !(limits.ram && whole.ram > *limits.ram) &&
         !(limits.max_instances && beside.models >= *limits.max_instances);
}

bool ScheduleFacts::fits_ever(std::size_t id) const {
  Held pinned;
  for (std::size_t other = 0; other < models.size(); ++other) {
    const Model& each = models[other];
    const bool there = each.phase != Model::absent && each.phase != Model::unloading;
    if (other == id || !trace.models[other].pin || each.foreign || !there) continue;
    pinned.bytes = pinned.bytes + each.known.value_or(MemoryBytes{});
    ++pinned.models;
  }
  return fits(id, pinned);
}

bool ScheduleFacts::waits(std::size_t id) const {
  return std::any_of(requests.begin(), requests.end(), [&](const auto& each) {
    return each.second.state == Request::waiting && each.second.model == id;
  });
}

bool ScheduleFacts::may_end_holds(Time now) const {
  const Held all = held(false);
  const bool is_short = (trace.limits.ram && all.bytes.ram > *trace.limits.ram) ||
                        (trace.limits.max_instances && all.models > *trace.limits.max_instances);
  return is_short || std::any_of(requests.begin(), requests.end(), [&](const auto& each) {
           return each.second.state == Request::waiting && now - each.second.arrived >= trace.patience;
         });
}

std::optional<std::string> ScheduleFacts::broken_promise(Time now) const {
  bool others_wait = false;  // for a model that is not there
  for (std::size_t id = 0; id < models.size(); ++id)
    others_wait = others_wait || (models[id].phase != Model::loaded && waits(id));
  for (const auto& [ticket, each] : requests)
    if (auto broken = of_request(ticket, each, others_wait, now)) return broken;
  for (std::size_t id = 0; id < models.size(); ++id)
    if (auto broken = of_model(id, others_wait, now)) return broken;
  if (const auto oldest = oldest_absent(); oldest && !models[*oldest].limited && fits(*oldest, held(true)))
    return name(*oldest) + " is waited for, there is room, and it is not loaded";
  return std::nullopt;
}

std::optional<std::string> ScheduleFacts::of_request(Schedule::Ticket ticket, const Request& request,
                                                     bool others_wait, Time now) const {
  if (request.state != Request::waiting) return std::nullopt;
  const Model& model = models[request.model];
  const std::string who = "request " + std::to_string(ticket);
  if (request.deadline < now) return who + " waits past its deadline";
  if (model.phase == Model::loaded && !model.dismissed && !others_wait)
    return who + " waits for what is there";
  if (model.phase == Model::absent && !model.limited && !fits_ever(request.model))
    return who + " waits for what never fits";
  return std::nullopt;
}

std::optional<std::string> ScheduleFacts::of_model(std::size_t id, bool others_wait, Time now) const {
  const Model& model = models[id];
  const Schedule::Rules& rules = trace.models[id];
  if (model.phase == Model::loading && !rules.preload && !waits(id))
    return "nobody waits for " + name(id) + ", and it is loaded";
  if (rules.preload && model.phase == Model::absent && !others_wait && !model.failed && !model.limited &&
      fits(id, held(true)))
    return name(id) + " is preloaded, and is not there";
  const bool leaves = model.phase == Model::loaded && rules.ttl.count() > 0 && !rules.preload && !rules.pin &&
                      !model.foreign && model.users.empty() && model.held_until.empty() && !waits(id) &&
                      model.unload_again <= now;
  if (leaves && now > std::max(model.last_used + rules.ttl, model.loaded_at + rules.min_residence))
    return name(id) + " has been unused for longer than its ttl";
  return std::nullopt;
}

// Of the models that somebody waits for and that are not there: the one waited for longest.
std::optional<std::size_t> ScheduleFacts::oldest_absent() const {
  const Request* oldest = nullptr;
  for (const auto& [ticket, each] : requests)
    if (each.state == Request::waiting && models[each.model].phase == Model::absent &&
        (!oldest || each.arrived < oldest->arrived))
      oldest = &each;
  return oldest ? std::optional(oldest->model) : std::nullopt;
}

std::optional<std::string> ScheduleFacts::forgotten_request() const {
  const bool held_up =
      others != MemoryBytes{} || std::any_of(models.begin(), models.end(), [](const Model& each) {
        return each.foreign;  // for as long as others please
      });
  for (const auto& [ticket, each] : requests)
    if (each.state == Request::waiting && !held_up)
      return "request " + std::to_string(ticket) + " waits for ever";
  return std::nullopt;
}

}  // namespace tachikoma::testing
