// SPDX-License-Identifier: MIT
// How a schedule finds room: what fits beside what, and which models have to leave.
#include <algorithm>
#include <string>

#include "base/numbers.hpp"
#include "models/schedule.hpp"

namespace tachikoma::models {
namespace {

bool is_resident(Schedule::State state) {
  return state == Schedule::State::loading || state == Schedule::State::cancelling ||
         state == Schedule::State::loaded;
}

}  // namespace

std::string in_gib(std::int64_t bytes) {
  return base::decimal(static_cast<double>(bytes) / (1LL << 30)) + " GiB";
}

Schedule::Use Schedule::in_future() const {
  Use use = others_;
  for (const Model& each : models_)
    if (is_resident(each.state)) use.add(each);
  return use;
}

Schedule::Use Schedule::in_use() const {
  Use use = in_future();
  for (const Model& each : models_)
    if (each.state == State::unloading) use.add(each);
  return use;
}

// Of those that may leave: what others hold is no reason to give up what works.
bool Schedule::has_too_many() const {
  if (!limits_.max_instances) return false;
  const auto stays = [](const Model& each) {
    return !each.foreign && (each.state == State::loaded || each.state == State::loading);
  };
  return std::count_if(models_.begin(), models_.end(), stays) >
         static_cast<std::ptrdiff_t>(*limits_.max_instances);
}

bool Schedule::is_over_limits() const {
  const MemoryBytes held = in_future().bytes;
  return has_too_many() || (limits_.ram && held.ram > *limits_.ram) ||
         (limits_.vram && held.vram > *limits_.vram);
}

bool Schedule::fits(const Model& model, const Use& beside) const {
  const MemoryBytes whole = beside.bytes + model.needs.value_or(MemoryBytes{});
  if (limits_.ram && whole.ram > *limits_.ram) return false;
  if (limits_.vram && whole.vram > *limits_.vram) return false;
  if (limits_.max_instances && beside.instances >= *limits_.max_instances) return false;
  return !model.max_beside || beside.instances <= *model.max_beside;
}

// What never leaves: what others hold may.
Schedule::Use Schedule::pinned_beside(const Model& model) const {
  Use stays;
  for (const Model& each : models_)
    if (&each != &model && each.rules.pin && !each.foreign && is_resident(each.state)) stays.add(each);
  return stays;
}

bool Schedule::fits_ever(const Model& model) const { return fits(model, pinned_beside(model)); }

bool Schedule::is_free_to_leave(const Model& model, Time now) const {
  return model.state == State::loaded && model.leases == 0 && !model.rules.pin && !model.foreign &&
         model.unload_again <= now && now - model.loaded_at >= model.rules.min_residence;
}

Schedule::Time Schedule::lingers_until(const Model& model) const {
  return model.last_used + policy_.lingers(model.loaded_at - model.load_began);
}

Schedule::Residents Schedule::all_that_may_leave() const {
  Residents all;
  for (ModelId id = 0; id < models_.size(); ++id)
    if (const Model& each = models_[id]; each.state == State::loaded && !each.rules.pin && !each.foreign)
      all.push_back(id);
  const auto resident = [&](ModelId id) {
    return SwitchPolicy::Resident{models_[id].leases, models_[id].last_used};
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](ModelId a, ModelId b) { return policy_.leaves_before(resident(a), resident(b)); });
  return all;
}

// What is still being loaded will be among them, and what is being unloaded makes some.
bool Schedule::may_have_room_later() const {
  return std::any_of(models_.begin(), models_.end(), [](const Model& each) {
    return each.state != State::absent && !each.rules.pin && !each.foreign;
  });
}

// Those that may leave at once: nobody uses them, and nobody who is served before `head` waits for them.
Schedule::Residents Schedule::idle_for(ModelId head, Time now) const {
  Residents idle = all_that_may_leave();
  const auto& queue = models_[head].queue;
  std::erase_if(idle, [&](ModelId id) {
    const Model& each = models_[id];
    if (!is_free_to_leave(each, now)) return true;
    if (each.holds > 0 && (queue.empty() || now < policy_.held_until(queue.front().arrived))) return true;
    if (!queue.empty() && now < lingers_until(each) &&
        policy_.admits({now, each.loaded_at, queue.front().arrived, now}))
      return true;
    if (each.queue.empty()) return false;
    return queue.empty() ||
           policy_.admits({each.queue.front().arrived, each.loaded_at, queue.front().arrived, now});
  });
  return idle;
}

// The first of them that together make enough room; none that is not needed for it.
std::optional<Schedule::Residents> Schedule::enough_of(Residents candidates, const Model& head) const {
  Use use = in_future();
  Residents chosen;
  for (const ModelId id : candidates) {
    if (fits(head, use)) break;
    use.remove(models_[id]);
    chosen.push_back(id);
  }
  if (!fits(head, use)) return std::nullopt;
  std::erase_if(chosen, [&](ModelId id) {
    Use with = use;
    with.add(models_[id]);
    if (!fits(head, with)) return false;
    use = with;
    return true;
  });
  return chosen;
}

// What has been chosen to leave stays chosen: otherwise new requests could hold now one model, now another.
void Schedule::make_room(ModelId head, Time now) {
  const Model& model = models_[head];
  if (fits(model, in_future())) {  // once what is being unloaded is gone
    claim_ = Claim{head, {}};
    return;
  }
  if (const auto idle = enough_of(idle_for(head, now), model)) {
    claim_ = Claim{head, {}};
    for (const ModelId id : *idle)
      start_unload(id, "'" + model.rules.name + "' needs its place", model.queue.front().ticket);
    return;
  }
  const Residents may_leave = all_that_may_leave();
  if (claim_ && claim_->head == head) {
    Residents chosen = claim_->leaving;
    const bool all_there = std::all_of(chosen.begin(), chosen.end(), [&](ModelId id) {
      return std::find(may_leave.begin(), may_leave.end(), id) != may_leave.end();
    });
    if (all_there && !chosen.empty() && enough_of(chosen, model)) return;
  }
  claim_ = Claim{head, enough_of(may_leave, model).value_or(Residents{})};
}

Error Schedule::never_fits(const Model& model) const {
  const Use pinned = pinned_beside(model);
  const MemoryBytes needs = model.needs.value_or(MemoryBytes{});
  const std::string name = "'" + model.rules.name + "'";
  const std::string held = pinned.instances > 0 ? " beside the pinned models" : "";
  const auto lacks = [&](std::int64_t needed, std::optional<std::int64_t> limit, std::int64_t taken,
                         const char* memory) -> std::optional<Error> {
    if (!limit || needed + taken <= *limit) return std::nullopt;
    const std::int64_t available = std::max<std::int64_t>(*limit - taken, 0);
    return Error(ErrorCode::insufficient_memory,
                 name + " needs " + in_gib(needed) + " of " + memory + ", and at most " + in_gib(available) +
                     " can be free for it" + held,
                 "use a smaller model, quantization or context, or raise the limit under `memory`",
                 Value::object({{"required", needed}, {"available", available}, {"name", model.rules.name}}));
  };
  if (auto error = lacks(needs.ram, limits_.ram, pinned.bytes.ram, "RAM")) return *std::move(error);
  if (auto error = lacks(needs.vram, limits_.vram, pinned.bytes.vram, "GPU memory")) return *std::move(error);
  return Error(ErrorCode::insufficient_memory,
               name + " can't be loaded: " + std::to_string(pinned.instances) +
                   " pinned models take every place that models may have in memory",
               "unpin one of them, or raise `memory: max_instances`",
               Value::object({{"name", model.rules.name}}));
}

}  // namespace tachikoma::models
