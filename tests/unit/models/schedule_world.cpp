// SPDX-License-Identifier: MIT
#include "unit/models/schedule_world.hpp"

#include <algorithm>
#include <set>

#include "unit/models/schedule_facts.hpp"

namespace tachikoma::testing {

using models::MemoryBytes;
using models::Schedule;
using Kind = TraceEvent::Kind;
using Time = Schedule::Time;

namespace {

constexpr std::size_t kMostTurns = 20'000;

class NoPatience final : public models::SwitchPolicy {  // with the model that is there
 public:
  bool admits(const Entry&) const override { return true; }
  bool leaves_before(const Resident& a, const Resident& b) const override {
    return a.last_used < b.last_used;
  }
};

/// The servers, the callers, and a record of what is true, kept apart from the schedule's own.
class SimulatedWorld {
 public:
  using Model = ScheduleFacts::Model;
  using Request = ScheduleFacts::Request;

  SimulatedWorld(const Trace& trace, Sabotage sabotage, const models::SwitchPolicy* policy)
      : trace_(trace),
        facts_(trace_),
        sabotage_(sabotage),
        batching_(trace.patience),
        policy_(choose(policy)),
        schedule_(told(trace.limits), policy_),
        promises_bound_(!policy &&
                        std::all_of(trace.events.begin(), trace.events.end(), [](const TraceEvent& each) {
                          return each.kind == Kind::ask || each.kind == Kind::hold;
                        })) {
    for (std::size_t id = 0; id < trace.models.size(); ++id) {
      facts_.models[id].known = trace.models[id].needs;
      schedule_.add(told(trace.models[id]), now_);
    }
    obey();
  }

  Played play() {
    std::size_t next = 0;
    watch();
    while (!played_.fault && next_time(next) != Schedule::kNever) {
      if (++played_.events > kMostTurns) fail("it does not come to rest");
      now_ = std::max(now_, next_time(next));
      if (next < trace_.events.size() && at(trace_.events[next].at) <= now_)
        happen(next++);
      else
        go_on();
      obey();
      watch();
    }
    if (const auto forgotten = facts_.forgotten_request()) fail(*forgotten);
    return played_;
  }

 private:
  const models::SwitchPolicy& choose(const models::SwitchPolicy* policy) const {
    if (policy) return *policy;
    if (sabotage_ == Sabotage::starves_others) return starving_;
    return batching_;
  }
  static Time at(milliseconds time) { return Time{} + std::chrono::hours(1) + time; }

  // what the schedule is told, which is the truth unless it is sabotaged

  Schedule::Limits told(Schedule::Limits limits) const {
    if (sabotage_ == Sabotage::exceeds_memory) limits.ram.reset();
    if (sabotage_ == Sabotage::exceeds_instances) limits.max_instances.reset();
    if (sabotage_ == Sabotage::leaves_memory_idle) limits.max_instances = 1;
    return limits;
  }
  Schedule::Rules told(Schedule::Rules rules) const {
    if (sabotage_ == Sabotage::unloads_what_is_pinned) rules.pin = false;
    if (sabotage_ == Sabotage::forgets_residence) rules.min_residence = {};
    if (sabotage_ == Sabotage::forgets_ttl) rules.ttl = {};
    if (sabotage_ == Sabotage::forgets_preload) rules.preload = false;
    if (sabotage_ == Sabotage::keeps_unwanted_loads) rules.preload = true;
    return rules;
  }

  void fail(const std::string& what) {
    if (!played_.fault)
      played_.fault = "at " +
                      std::to_string(std::chrono::duration_cast<milliseconds>(now_ - at({})).count()) +
                      " ms: " + what;
  }
  void watch() {
    if (const auto broken = facts_.broken_promise(now_)) fail(*broken);
  }
  std::string name(std::size_t id) const { return trace_.models[id].name; }
  const Schedule::Rules& rules(std::size_t id) const { return trace_.models[id]; }

  Time next_time(std::size_t next) const {
    Time time = schedule_.next_due();
    if (next < trace_.events.size()) time = std::min(time, at(trace_.events[next].at));
    for (const Model& each : facts_.models)
      if (each.phase != Model::absent && each.phase != Model::loaded) time = std::min(time, each.ends);
    for (const Model& each : facts_.models)
      if (!each.held_until.empty()) time = std::min(time, *each.held_until.begin());
    for (const auto& [ticket, each] : facts_.requests)
      if (each.state == Request::served) time = std::min(time, each.ends);
    // preloaded models come and go for ever: an hour is enough
    return time > at(trace_.events.empty() ? milliseconds(0) : trace_.events.back().at) +
                       std::chrono::hours(1)
               ? Schedule::kNever
               : time;
  }

  void happen(std::size_t number) {
    const TraceEvent& event = trace_.events[number];
    Model& model = facts_.models[event.model];
    switch (event.kind) {
      case Kind::ask: return ask(number, event);
      case Kind::give_up: return give_up(event.request);
      case Kind::hold:
        model.held_until.insert(now_ + event.time);
        if (sabotage_ != Sabotage::forgets_holds) schedule_.hold(event.model);
        return;
      case Kind::dismiss:
        model.dismissed = model.phase == Model::loaded || model.phase == Model::loading;
        return schedule_.dismiss(event.model, now_);
      case Kind::appear:
        if (model.phase != Model::absent) return;
        enter_memory(model);
        model.foreign = true;
        model.failed = false;
        if (sabotage_ != Sabotage::overlooks_others) schedule_.appeared(event.model, now_);
        return;
      case Kind::vanish:
        if (model.phase != Model::loaded) return;
        model.phase = Model::absent;
        model.dismissed = false;
        for (const Schedule::Ticket user : std::exchange(model.users, {}))
          facts_.requests.at(user).state = Request::over;
        return schedule_.vanished(event.model, now_);
      case Kind::fail_load: model.fails_load = true; return;
      case Kind::lack_room: model.lacks_room = true; return;
      case Kind::fail_unload: model.fails_unload = true; return;
      case Kind::squeeze:
        facts_.others = {event.time.count() << 20, 0};
        return schedule_.set_others(facts_.others, 0, now_);
      case Kind::leave_load: model.leaves_load = true; return;
      case Kind::reload: return reload(event);
      case Kind::relimit:
        if (trace_.limits.ram) trace_.limits.ram = event.time.count() << 20;
        return schedule_.set_limits(told(trace_.limits), now_);
    }
  }

  void reload(const TraceEvent& event) {
    Schedule::Rules& rules = trace_.models[event.model];
    rules = {.name = rules.name,
             .needs = rules.needs,
             .pin = event.rules.pin,
             .preload = event.rules.preload,
             .ttl = event.rules.ttl,
             .min_residence = event.rules.min_residence};
    schedule_.change(event.model, told(rules), now_);
  }

  void enter_memory(Model& model) {
    model.phase = Model::loaded;
    model.loaded_at = model.last_used = now_;
  }

  void ask(std::size_t ticket, const TraceEvent& event) {
    Request request{.model = event.model,
                    .arrived = now_,
                    .deadline = event.deadline.count() > 0 ? now_ + event.deadline : Schedule::kNever,
                    .time = event.time};
    std::set<std::size_t> ahead;
    for (const auto& [other, each] : facts_.requests)
      if (each.state == Request::waiting && each.model != event.model) ahead.insert(each.model);
    request.ahead = ahead.size();
    facts_.models[event.model].failed = false;
    facts_.requests.emplace(ticket, request);
    if (const auto lease = schedule_.enter(event.model, now_)) return serve(ticket, *lease);
    const bool forgets = sabotage_ == Sabotage::forgets_deadlines;
    schedule_.wait(ticket, event.model, forgets ? Schedule::kNever : request.deadline, now_);
  }

  void give_up(std::size_t ticket) {
    const auto found = facts_.requests.find(ticket);
    if (found == facts_.requests.end()) return;
    if (found->second.state == Request::served) return end_service(ticket);
    found->second.state = Request::over;
    schedule_.give_up(ticket, now_);
  }

  void serve(Schedule::Ticket ticket, const Schedule::Lease& lease) {
    Request& request = facts_.requests.at(ticket);
    Model& model = facts_.models[request.model];
    if (request.state != Request::waiting) return fail("a request is granted that does not wait");
    if (model.phase != Model::loaded) return fail(name(request.model) + " is granted, and not in memory");
    if (request.deadline < now_) return fail("a request is granted after its deadline");
    request.state = Request::served;
    request.lease = lease;
    request.ends = now_ + request.time;
    model.users.insert(ticket);
    model.last_used = now_;
    const auto waited = std::chrono::duration_cast<milliseconds>(now_ - request.arrived);
    played_.longest_wait = std::max(played_.longest_wait, waited);
    if (promises_bound_ && waited > bound(request))
      fail("request " + std::to_string(ticket) + " waited " + std::to_string(waited.count()) +
           " ms, at most " + std::to_string(bound(request).count()) + " ms are promised");
  }

  // As Batching states it.
  milliseconds bound(const Request& request) const {
    milliseconds lease{}, residence{};
    for (const TraceEvent& each : trace_.events) lease = std::max(lease, each.time);
    for (const Schedule::Rules& each : trace_.models)
      residence = std::max(residence, std::chrono::duration_cast<milliseconds>(each.min_residence));
    const milliseconds moment = longest_load() / 10 + milliseconds(1);
    const milliseconds turn = lease + residence + moment + longest_load() + trace_.unload_time;
    return trace_.patience + static_cast<int>(request.ahead + 1) * turn + longest_load();
  }
  milliseconds longest_load() const { return 2 * trace_.load_time; }

  void end_service(Schedule::Ticket ticket) {
    Request& request = facts_.requests.at(ticket);
    request.state = Request::over;
    Model& model = facts_.models[request.model];
    model.users.erase(ticket);
    model.last_used = now_;
    schedule_.release(request.lease, now_);
  }

  // What the servers and the callers do by themselves.
  void go_on() {
    for (auto& [ticket, each] : facts_.requests)
      if (each.state == Request::served && each.ends <= now_) end_service(ticket);
    for (std::size_t id = 0; id < facts_.models.size(); ++id) end_holds(id);
    for (std::size_t id = 0; id < facts_.models.size(); ++id) {
      Model& model = facts_.models[id];
      if (model.phase == Model::absent || model.phase == Model::loaded || model.ends > now_) continue;
      if (model.phase == Model::unloading)
        end_unload(id, model);
      else
        end_load(id, model);
      obey();
    }
    schedule_.advance(now_);
  }

  void end_holds(std::size_t id) {
    Model& model = facts_.models[id];
    while (!model.held_until.empty() && *model.held_until.begin() <= now_) {
      model.held_until.erase(model.held_until.begin());
      if (model.held_until.empty()) model.last_used = now_;
      if (sabotage_ != Sabotage::forgets_holds) schedule_.let_go(id, now_);
    }
  }

  void end_unload(std::size_t id, Model& model) {
    if (std::exchange(model.fails_unload, false)) {
      model.phase = Model::loaded;
      model.unload_again = now_ + std::chrono::seconds(5);
      return schedule_.unload_failed(id, now_);
    }
    model.phase = Model::absent;
    model.failed = false;
    schedule_.unloaded(id, now_);
  }

  void end_load(std::size_t id, Model& model) {
    const bool cancelled = model.phase == Model::cancelling || model.leaves_load;
    model.leaves_load = false;
    if (cancelled || model.fails_load || model.lacks_room) {
      const bool lacks = std::exchange(model.lacks_room, false) && !cancelled;
      model.fails_load = false;
      model.phase = Model::absent;
      model.dismissed = false;
      model.failed = model.failed || !cancelled;
      model.limited = model.limited || lacks;
      failing_.insert(id);
      const ErrorCode why = cancelled ? ErrorCode::cancelled
                            : lacks   ? ErrorCode::insufficient_memory
                                      : ErrorCode::internal;
      return schedule_.load_failed(id, Error(why, "it failed"), now_);
    }
    enter_memory(model);
    model.foreign = sabotage_ == Sabotage::unloads_what_others_loaded;
    if (!model.known) model.known = MemoryBytes{(static_cast<std::int64_t>(id) % 3 + 1) << 30, 0};
    schedule_.loaded(id, model.known, now_);
  }

  void obey() {
    for (auto orders = schedule_.take_orders(); !orders.empty(); orders = schedule_.take_orders())
      for (Schedule::Order& order : orders) obey(order);
    failing_.clear();
  }

  void obey(Schedule::Order& order) {
    switch (order.kind) {
      case Schedule::Order::Kind::grant: return obey_grant(order);
      case Schedule::Order::Kind::refuse: return obey_refusal(order);
      case Schedule::Order::Kind::load: return obey_load(order.model);
      case Schedule::Order::Kind::cancel_load: return obey_cancel(order.model);
      case Schedule::Order::Kind::unload: return obey_unload(order.model);
    }
  }

  void obey_grant(const Schedule::Order& order) {
    if (sabotage_ == Sabotage::loses_a_request && order.ticket % 5 == 0) return;
    serve(order.ticket, order.lease);
    if (sabotage_ == Sabotage::unloads_what_is_used && order.ticket % 5 == 0) obey_unload(order.model);
  }

  void obey_refusal(const Schedule::Order& order) {
    Request& request = facts_.requests.at(order.ticket);
    if (request.state != Request::waiting) return fail("a request is refused that does not wait");
    const bool late = order.why->code == ErrorCode::timeout && request.deadline <= now_;
    const bool too_big = order.why->code == ErrorCode::insufficient_memory &&
                         (facts_.models[order.model].limited || !facts_.fits_ever(order.model));
    if (!late && !too_big && !failing_.contains(order.model))
      fail("refused without a reason: " + order.why->message);
    if (sabotage_ == Sabotage::waits_for_what_never_fits && too_big) return;
    request.state = Request::over;
  }

  void obey_load(std::size_t id) {
    Model& model = facts_.models[id];
    if (model.phase != Model::absent) return fail(name(id) + " is loaded, and is there or on its way");
    if (!facts_.fits(id, facts_.held(true))) return fail("there is no room for " + name(id));
    model.phase = Model::loading;
    ++model.loads;
    ++played_.loads;
    model.ends = now_ + trace_.load_time + trace_.load_time * static_cast<int>((id + model.loads) % 3) / 2;
    if (sabotage_ == Sabotage::grants_too_early)
      for (auto& [ticket, each] : facts_.requests)
        if (each.state == Request::waiting && each.model == id) return serve(ticket, {id, 0});
    if (sabotage_ == Sabotage::loads_twice && model.loads == 2) obey_load(id);
  }

  void obey_cancel(std::size_t id) {
    Model& model = facts_.models[id];
    if (model.phase != Model::loading) return fail(name(id) + " is not being loaded");
    if (rules(id).preload || facts_.waits(id)) fail("the load of " + name(id) + " is cancelled, and wanted");
    model.phase = Model::cancelling;
    model.ends = std::min(model.ends, now_ + milliseconds(100));
  }

  void obey_unload(std::size_t id) {
    Model& model = facts_.models[id];
    if (model.phase != Model::loaded) return fail(name(id) + " is unloaded, and is not there");
    if (!model.users.empty()) return fail(name(id) + " is unloaded, and in use");
    if (!model.dismissed) {
      if (rules(id).pin) return fail(name(id) + " is unloaded, and pinned");
      if (model.foreign) return fail(name(id) + " is unloaded, and another program's");
      if (now_ - model.loaded_at < rules(id).min_residence) return fail(name(id) + " is unloaded too early");
      if (!model.held_until.empty() && !facts_.may_end_holds(now_))
        return fail(name(id) + " is unloaded, and held");
    }
    model.phase = Model::unloading;
    model.dismissed = false;
    model.ends = now_ + trace_.unload_time;
  }

  Trace trace_;  // as it is configured now
  ScheduleFacts facts_;
  const Sabotage sabotage_;
  const models::Batching batching_;
  const NoPatience starving_;
  const models::SwitchPolicy& policy_;
  Time now_ = at({});
  Schedule schedule_;
  std::set<std::size_t> failing_;  // the models whose load has just failed
  const bool promises_bound_;
  Played played_;
};

}  // namespace

Played play(const Trace& trace, Sabotage sabotage, const models::SwitchPolicy* policy) {
  return SimulatedWorld(trace, sabotage, policy).play();
}

}  // namespace tachikoma::testing
