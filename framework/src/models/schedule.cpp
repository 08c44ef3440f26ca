// SPDX-License-Identifier: MIT
#include "models/schedule.hpp"

#include <algorithm>
#include <string>

#include "base/durations.hpp"

namespace tachikoma::models {
namespace {

constexpr std::chrono::seconds kUnloadAgainAfter{5};
/// Nobody tells us when another program uses a model no more.
constexpr std::chrono::milliseconds kLookAgainAfter{250};

std::string describe(SwitchPolicy::Clock::duration time) {
  return base::describe_time(std::chrono::duration_cast<std::chrono::milliseconds>(time));
}

}  // namespace

Schedule::ModelId Schedule::add(Rules rules, Time now) {
  Model& model = models_.emplace_back();
  model.needs = rules.needs;
  model.rules = std::move(rules);
  plan(now);
  return models_.size() - 1;
}

void Schedule::change(ModelId model, Rules rules, Time now) {
  if (rules.needs != models_[model].rules.needs) models_[model].needs = rules.needs;
  models_[model].rules = std::move(rules);
  plan(now);
}

void Schedule::set_limits(const Limits& limits, Time now) {
  limits_ = limits;
  plan(now);
}

std::optional<Schedule::Lease> Schedule::enter(ModelId id, Time now) {
  Model& model = models_[id];
  if (model.state != State::loaded || !model.queue.empty() || !may_enter(id, now, now)) return std::nullopt;
  ++model.leases;
  model.last_used = now;
  return Lease{id, model.residency};
}

void Schedule::wait(Ticket ticket, ModelId id, Time deadline, Time now) {
  Model& model = models_[id];
  model.load_failed = false;
  model.queue.push_back({ticket, ++arrivals_, now, deadline});
  waiting_.emplace(ticket, id);
  plan(now);
}

void Schedule::give_up(Ticket ticket, Time now) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return;
  std::erase_if(models_[found->second].queue, [&](const Waiting& each) { return each.ticket == ticket; });
  waiting_.erase(found);
  plan(now);
}

void Schedule::release(const Lease& lease, Time now) {
  Model& model = models_[lease.model];
  if (lease.residency != model.residency) return;
  --model.leases;
  model.last_used = now;
  if (model.leases == 0 && (!waiting_.empty() || dismissed_ > 0 || is_over_limits())) plan(now);
}

void Schedule::let_go(ModelId id, Time now) {
  Model& model = models_[id];
  if (--model.holds > 0) return;
  model.last_used = now;
  if (!waiting_.empty() || model.rules.ttl > model.rules.ttl.zero()) plan(now);
}

void Schedule::dismiss(ModelId id, Time now) {
  Model& model = models_[id];
  const bool is_there = model.state == State::loaded || model.state == State::loading;
  if (is_there && !std::exchange(model.dismissed, true)) ++dismissed_;
  plan(now);
}

void Schedule::keep(ModelId id, Time now) {
  if (std::exchange(models_[id].dismissed, false)) --dismissed_;
  plan(now);
}

void Schedule::loaded(ModelId id, std::optional<MemoryBytes> took, Time now, bool foreign) {
  Model& model = models_[id];
  if (model.state != State::loading && model.state != State::cancelling) return;
  model.state = State::loaded;
  model.foreign = foreign;
  model.used_elsewhere = false;
  model.loaded_at = model.last_used = now;
  if (took) model.needs = took;
  plan(now);
}

void Schedule::load_failed(ModelId id, const Error& why, Time now) {
  Model& model = models_[id];
  if (model.state != State::loading && model.state != State::cancelling) return;
  const bool was_cancelled = model.state == State::cancelling;
  model.state = State::absent;
  if (std::exchange(model.dismissed, false)) --dismissed_;
  const std::size_t beside = in_use().instances;
  const bool lacked_room = why.code == ErrorCode::insufficient_memory && beside > 0;
  if (lacked_room) model.max_beside = beside - 1;
  const bool gave_up =
      was_cancelled || why.code == ErrorCode::cancelled;  // whoever still waits loads it again
  if (!gave_up && !(lacked_room && may_have_room_later())) {
    model.load_failed = true;
    refuse_all(id, why);
  }
  plan(now);
}

void Schedule::unloaded(ModelId id, Time now) {
  Model& model = models_[id];
  if (model.state != State::unloading) return;
  model.state = State::absent;
  model.load_failed = false;
  plan(now);
}

void Schedule::unload_failed(ModelId id, Time now, bool in_use) {
  Model& model = models_[id];
  if (model.state != State::unloading) return;
  model.state = State::loaded;
  model.used_elsewhere = in_use;
  model.unload_again = now + (in_use ? kLookAgainAfter : kUnloadAgainAfter);
  plan(now);
}

void Schedule::appeared(ModelId id, Time now, bool foreign) {
  Model& model = models_[id];
  if (model.state != State::absent) return;
  model.state = State::loaded;
  model.foreign = foreign;
  model.used_elsewhere = false;
  model.load_began = now;
  model.load_failed = false;
  model.loaded_at = model.last_used = now;
  plan(now);
}

void Schedule::set_foreign(ModelId id, bool foreign, Time now) {
  if (std::exchange(models_[id].foreign, foreign) == foreign) return;
  plan(now);
}

void Schedule::vanished(ModelId id, Time now) {
  Model& model = models_[id];
  if (model.state != State::loaded) return;
  model.state = State::absent;
  model.leases = 0;
  ++model.residency;
  if (std::exchange(model.dismissed, false)) --dismissed_;
  plan(now);
}

void Schedule::set_others(MemoryBytes held, std::size_t instances, Time now) {
  others_ = {held, instances};
  plan(now);
}

void Schedule::advance(Time now) { plan(now); }

void Schedule::plan(Time now) {
  planned_ = now;
  expire_tickets(now);
  unload_unwanted(now);
  serve_waiting(now);
  admit_waiting(now);
  reload_preferred(now);
}

void Schedule::expire_tickets(Time now) {
  for (ModelId id = 0; id < models_.size(); ++id) {
    Model& model = models_[id];
    const auto is_late = [&](const Waiting& each) {
      if (each.deadline > now) return false;
      refuse(id, each, too_late(model));
      return true;
    };
    std::erase_if(model.queue, is_late);
    if (model.state != State::loading || !model.queue.empty() || model.rules.preload) continue;
    model.state = State::cancelling;
    orders_.push_back({Order::Kind::cancel_load, id});
  }
}

void Schedule::unload_unwanted(Time now) {
  for (ModelId id = 0; id < models_.size(); ++id) {
    const Model& model = models_[id];
    if (model.state != State::loaded || model.leases > 0 || model.unload_again > now) continue;
    const Clock::duration ttl = model.rules.ttl;
    const bool stays = model.rules.preload || ttl <= ttl.zero() || !model.queue.empty() || model.holds > 0;
    if (model.dismissed)
      start_unload(id, "it was asked for");
    else if (!stays && is_free_to_leave(model, now) && now - model.last_used >= ttl)
      start_unload(id, "unused for " + describe(ttl));
  }
  Residents idle = all_that_may_leave();
  std::erase_if(idle, [&](ModelId id) {
    const Model& model = models_[id];
    return model.leases > 0 || !model.queue.empty() || !is_free_to_leave(model, now);
  });
  for (const ModelId id : idle)
    if (has_too_many())
      start_unload(id, "max_instances is " + std::to_string(*limits_.max_instances));
    else if (models_[id].needs && is_over_limits())
      start_unload(id, "memory is short");
}

std::vector<Schedule::ModelId> Schedule::waiting_models() const {
  std::vector<ModelId> waiting;
  for (ModelId id = 0; id < models_.size(); ++id)
    if (models_[id].state == State::absent && !models_[id].queue.empty()) waiting.push_back(id);
  std::sort(waiting.begin(), waiting.end(), [&](ModelId a, ModelId b) {
    return models_[a].queue.front().number < models_[b].queue.front().number;
  });
  return waiting;
}

// In the order of their oldest requests. The first for which there is no room claims what becomes free; those
// behind it are loaded beside it, if they take nothing of that, and are not there to stay.
void Schedule::serve_waiting(Time now) {
  if (!may_have_room_later())  // whom its server had no room for is loaded now, or refused
    for (Model& each : models_) each.max_beside.reset();
  bool blocked = false;
  Use reserved;
  for (const ModelId id : waiting_models()) {
    const Model& model = models_[id];
    const bool fits_now = fits(model, in_use());
    const std::string why = "asked for " + describe(now - model.queue.front().arrived) + " ago";
    if (!fits_ever(model)) {
      refuse_all(id, never_fits(model));
    } else if (!blocked && !fits_now) {
      blocked = true;
      make_room(id, now);
      reserved = in_future();
      for (const ModelId leaving : claim_->leaving) reserved.remove(models_[leaving]);
      reserved.add(model);
    } else if (!blocked) {
      start_load(id, why);
    } else if (fits_now && fits(model, reserved) && !model.rules.pin) {
      start_load(id, why);
      reserved.add(model);
    }
  }
  if (!blocked) claim_.reset();
}

bool Schedule::claimed(ModelId id) const {
  return claim_ && std::find(claim_->leaving.begin(), claim_->leaving.end(), id) != claim_->leaving.end();
}

bool Schedule::may_enter(ModelId id, Time arrived, Time now) const {
  const Model& model = models_[id];
  if (model.dismissed) return false;
  if (!claim_ || !claimed(id)) return true;
  return policy_.admits({arrived, model.loaded_at, models_[claim_->head].queue.front().arrived, now});
}

void Schedule::admit_waiting(Time now) {
  for (ModelId id = 0; id < models_.size(); ++id) {
    const Model& model = models_[id];
    while (model.state == State::loaded && !model.queue.empty() &&
           may_enter(id, model.queue.front().arrived, now))
      grant_front(id, now);
  }
}

void Schedule::grant_front(ModelId id, Time now) {
  Model& model = models_[id];
  const Ticket ticket = model.queue.front().ticket;
  model.queue.pop_front();
  waiting_.erase(ticket);
  ++model.leases;
  model.last_used = now;
  orders_.push_back({Order::Kind::grant, id, ticket, Lease{id, model.residency}});
}

void Schedule::refuse(ModelId id, const Waiting& waiting, Error why) {
  waiting_.erase(waiting.ticket);
  orders_.push_back({Order::Kind::refuse, id, waiting.ticket, {}, std::move(why)});
}

void Schedule::refuse_all(ModelId id, const Error& why) {
  for (const Waiting& each : std::exchange(models_[id].queue, {})) refuse(id, each, why);
}

void Schedule::start_load(ModelId id, std::string reason) {
  models_[id].state = State::loading;
  models_[id].load_began = planned_;
  orders_.push_back({Order::Kind::load, id, 0, {}, {}, std::move(reason)});
}

void Schedule::start_unload(ModelId id, std::string reason, Ticket needs_its_place) {
  Model& model = models_[id];
  model.state = State::unloading;
  ++model.residency;
  if (std::exchange(model.dismissed, false)) --dismissed_;
  orders_.push_back({Order::Kind::unload, id, needs_its_place, {}, {}, std::move(reason)});
}

// What is preloaded comes back when nobody waits, in the place of what has been idle for long.
void Schedule::reload_preferred(Time now) {
  if (!waiting_models().empty()) return;
  for (ModelId id = 0; id < models_.size(); ++id) {
    const Model& model = models_[id];
    if (!model.rules.preload || model.state != State::absent || model.load_failed || !fits_ever(model))
      continue;
    if (fits(model, in_use())) {
      start_load(id, "it is preloaded");
      continue;
    }
    if (fits(model, in_future())) continue;
    Residents idle = idle_for(id, now);
    std::erase_if(idle, [&](ModelId each) {
      return models_[each].rules.preload || now - models_[each].last_used < kReturnAfter;
    });
    if (const auto enough = enough_of(std::move(idle), model))
      for (const ModelId each : *enough) start_unload(each, "'" + model.rules.name + "' is preloaded");
  }
}

// Of what was due when it was last planned, nothing is left. Of a model in use nobody knows when it will be
// idle: not before then.
Schedule::Time Schedule::next_due() const {
  Time next = kNever;
  const auto consider = [&](Time from, Clock::duration after) {
    if (after < kNever - from && from + after > planned_) next = std::min(next, from + after);
  };
  const bool may_return = std::any_of(models_.begin(), models_.end(), [](const Model& each) {
    return each.rules.preload && each.state == State::absent && !each.load_failed;
  });
  for (const Model& model : models_) {
    for (const Waiting& each : model.queue) next = std::min(next, each.deadline);
    if (model.state != State::loaded) continue;
    const Time used = model.leases > 0 ? planned_ : model.last_used;
    if (const Clock::duration ttl = model.rules.ttl; ttl > ttl.zero()) consider(used, ttl);
    if (may_return) consider(used, kReturnAfter);
    consider(model.unload_again, {});
    if (claim_ && model.leases == 0) consider(lingers_until(model), {});
    if (claim_ && model.holds > 0)
      consider(policy_.held_until(models_[claim_->head].queue.front().arrived), {});
    consider(model.loaded_at, model.rules.min_residence);
  }
  return next;
}

}  // namespace tachikoma::models
