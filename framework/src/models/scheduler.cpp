// SPDX-License-Identifier: MIT
#include "models/scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <system_error>

namespace tachikoma::models {
namespace {

constexpr std::size_t kSwitchesKept = 32;
// Loads and unloads that run at a time: as many as there are models that fit beside each other.
constexpr std::size_t kMaxThreads = 64;

class BlockedWaiter final : public Scheduler::Waiter {
 public:
  void ready(Result<ModelLease> lease) override {
    const std::lock_guard lock(mutex_);
    lease_.emplace(std::move(lease));
    changed_.notify_all();
  }
  Result<ModelLease> wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return lease_.has_value(); });
    return *std::move(lease_);
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<Result<ModelLease>> lease_;
};

}  // namespace

ModelLease::~ModelLease() {
  if (scheduler_) scheduler_->release(lease_);
}

ModelHold::ModelHold(Scheduler& scheduler, Schedule::ModelId model, const std::string& owner)
    : scheduler_(&scheduler), id_(scheduler.hold(model, owner)) {}

ModelHold::~ModelHold() {
  if (scheduler_) scheduler_->let_go(id_);
}

Scheduler::Scheduler(const Schedule::Limits& limits, const SwitchPolicy& policy, ModelLoader& loader,
                     Timer& timer)
    : loader_(loader),
      timer_(timer),
      schedule_(limits, policy),
      entry_(timer.arm(Schedule::kNever,
                       [this] {
                         tell([&](Clock::time_point now) { schedule_.advance(now); });
                         return Schedule::kNever;  // `tell` has set the timer
                       })),
      workers_(kMaxThreads) {}

Scheduler::~Scheduler() {
  timer_.disarm(entry_);
  std::vector<std::stop_source> running;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& [model, load] : loads_) running.push_back(load);
  }
  for (std::stop_source& load : running) load.request_stop();
}

// What happens is told to the schedule under the lock, and what it orders is done without.
template <class Event>
void Scheduler::tell(const Event& event) {
  Tasks tasks;
  {
    const std::lock_guard lock(mutex_);
    event(timer_.now());
    tasks = take_tasks();
  }
  carry_out(std::move(tasks));
}

Scheduler::ModelId Scheduler::add(Schedule::Rules rules) {
  ModelId model = 0;
  tell([&](Clock::time_point now) { model = schedule_.add(std::move(rules), now); });
  return model;
}

void Scheduler::change(ModelId model, Schedule::Rules rules) {
  tell([&](Clock::time_point now) { schedule_.change(model, std::move(rules), now); });
}

void Scheduler::set_limits(const Schedule::Limits& limits) {
  tell([&](Clock::time_point now) { schedule_.set_limits(limits, now); });
}

void Scheduler::set_withheld(const std::function<MemoryBytes(MemoryBytes)>& withheld) {
  tell([&](Clock::time_point now) { schedule_.set_others(withheld(schedule_.held()), 0, now); });
}

void Scheduler::dismiss(ModelId model) {
  tell([&](Clock::time_point now) { schedule_.dismiss(model, now); });
}

void Scheduler::appeared(ModelId model, bool foreign) {
  tell([&](Clock::time_point now) { schedule_.appeared(model, now, foreign); });
}

void Scheduler::set_foreign(ModelId model, bool foreign) {
  tell([&](Clock::time_point now) { schedule_.set_foreign(model, foreign, now); });
}

void Scheduler::vanished(ModelId model) {
  tell([&](Clock::time_point now) { schedule_.vanished(model, now); });
}

Result<ModelLease> Scheduler::acquire(ModelId model, std::chrono::milliseconds limit, std::stop_token stop) {
  BlockedWaiter waiter;
  if (std::optional<ModelLease> lease = acquire(model, limit, waiter)) return *std::move(lease);
  const std::stop_callback on_stop(std::move(stop), [&] {
    if (withdraw(waiter)) waiter.ready(Error(ErrorCode::cancelled, "cancelled while waiting for a model"));
  });
  return waiter.wait();
}

std::optional<ModelLease> Scheduler::enter(ModelId model) {
  const std::lock_guard lock(mutex_);
  const auto lease = schedule_.enter(model, timer_.now());
  return lease ? std::optional<ModelLease>(std::in_place, *this, *lease) : std::nullopt;
}

std::optional<ModelLease> Scheduler::acquire(ModelId model, std::chrono::milliseconds limit, Waiter& waiter) {
  Tasks tasks;
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = timer_.now();
    if (const auto lease = schedule_.enter(model, now)) return ModelLease(*this, *lease);
    waiter.ticket_ = ++last_ticket_;
    waiters_.emplace(waiter.ticket_, &waiter);
    const bool endless = limit >= Schedule::kNever - now;
    schedule_.wait(waiter.ticket_, model, endless ? Schedule::kNever : now + limit, now);
    tasks = take_tasks();
  }
  carry_out(std::move(tasks));
  return std::nullopt;
}

bool Scheduler::withdraw(Waiter& waiter) {
  bool waited = false;
  tell([&](Clock::time_point now) {
    waited = waiters_.erase(waiter.ticket_) > 0;
    if (waited) schedule_.give_up(waiter.ticket_, now);
  });
  return waited;
}

void Scheduler::release(const Schedule::Lease& lease) {
  Tasks tasks;
  {
    const std::lock_guard lock(mutex_);
    schedule_.release(lease, timer_.now());
    if (!schedule_.has_orders()) {  // but it may be due to leave soon
      if (schedule_.is_waited_for()) timer_.move(entry_, schedule_.next_due());
      return;
    }
    tasks = take_tasks();
  }
  carry_out(std::move(tasks));
}

std::uint64_t Scheduler::hold(ModelId model, const std::string& owner) {
  const std::lock_guard lock(mutex_);
  holds_.emplace(++last_hold_, Hold{model, owner});
  schedule_.hold(model);
  return last_hold_;
}

void Scheduler::let_go(std::uint64_t hold) {
  tell([&](Clock::time_point now) {
    if (const auto held = holds_.extract(hold)) schedule_.let_go(held.mapped().model, now);
  });
}

void Scheduler::end_holds(const std::string& owner) {
  tell([&](Clock::time_point now) {
    for (auto each = holds_.begin(); each != holds_.end();) {
      const auto held = each++;
      if (held->second.owner != owner) continue;
      schedule_.let_go(held->second.model, now);
      holds_.erase(held);
    }
  });
}

// With the lock.
Scheduler::Tasks Scheduler::take_tasks() {
  using Kind = Schedule::Order::Kind;
  Tasks tasks;
  for (Schedule::Order& order : schedule_.take_orders()) {
    note(order);
    switch (order.kind) {
      case Kind::grant:
      case Kind::refuse: {
        const auto waiter = waiters_.extract(order.ticket);
        if (order.kind == Kind::grant)
          tasks.answers.push_back({waiter.mapped(), ModelLease(*this, order.lease)});
        else
          tasks.answers.push_back({waiter.mapped(), *std::move(order.why)});
        break;
      }
      case Kind::load: {
        const std::stop_source load = loads_.insert_or_assign(order.model, std::stop_source()).first->second;
        if (!order_errand(errand_loads_, order.model)) tasks.jobs.push_back({order.model, load});
        break;
      }
      case Kind::cancel_load: tasks.cancelled.push_back(loads_.at(order.model)); break;
      case Kind::unload:
        if (const auto waiter = waiters_.find(order.ticket); waiter != waiters_.end())
          waiter->second->displaced_.push_back(order.model);
        if (!order_errand(errand_unloads_, order.model)) tasks.jobs.push_back({order.model, std::nullopt});
        break;
    }
  }
  if (!tasks.answers.empty() || !tasks.jobs.empty())
    for (const auto& [ticket, waiter] : waiters_) waiter->moved();
  if (ending_) tasks.jobs.clear();
  timer_.move(entry_, schedule_.next_due());
  return tasks;
}

void Scheduler::note(const Schedule::Order& order) {
  using Kind = Schedule::Order::Kind;
  if (order.kind != Kind::load && order.kind != Kind::unload) return;
  if (switches_.size() == kSwitchesKept) switches_.erase(switches_.begin());
  switches_.push_back({timer_.now(), order.model, order.kind == Kind::load, order.reason});
}

// It did not happen. With the lock.
void Scheduler::forget_unload(ModelId model) {
  const auto last = std::find_if(switches_.rbegin(), switches_.rend(),
                                 [&](const Switch& each) { return each.model == model && !each.loaded; });
  if (last != switches_.rend()) switches_.erase(std::next(last).base());
  for (const auto& [ticket, waiter] : waiters_) std::erase(waiter->displaced_, model);
}

void Scheduler::carry_out(Tasks tasks) {
  for (std::stop_source& load : tasks.cancelled) load.request_stop();
  for (Job& job : tasks.jobs) start(std::move(job));
  for (Answer& answer : tasks.answers) answer.waiter->ready(std::move(answer.lease));
}

void Scheduler::start(Job job) {
  const ModelId model = job.model;
  const bool loads = job.load.has_value();
  try {
    workers_.run([this, job = std::move(job)] {
      if (job.load)
        load(job.model, job.load->get_token());
      else
        unload(job.model);
    });
  } catch (const std::system_error& failure) {
    const Error why(ErrorCode::overloaded,
                    std::string("can't start the thread that loads a model (") + failure.what() + ")",
                    "raise the limit on threads (ulimit -u)");
    tell([&](Clock::time_point now) {
      if (loads)
        schedule_.load_failed(model, why, now);
      else
        schedule_.unload_failed(model, now);
    });
  }
}

void Scheduler::load(ModelId model, const std::stop_token& stop) {
  end_load(model, loader_.load(model, stop));
}

void Scheduler::end_load(ModelId model, const Result<ModelLoader::Loaded>& loaded) {
  tell([&](Clock::time_point now) {
    loads_.erase(model);
    if (loaded)
      schedule_.loaded(model, loaded->took, now, loaded->foreign);
    else
      schedule_.load_failed(model, loaded.error(), now);
    errand_changed_.notify_all();
  });
}

void Scheduler::unload(ModelId model) { end_unload(model, loader_.unload(model)); }

void Scheduler::end_unload(ModelId model, const Status& done) {
  tell([&](Clock::time_point now) {
    if (done) {
      schedule_.unloaded(model, now);
    } else {
      forget_unload(model);
      schedule_.unload_failed(model, now, done.error().code == ErrorCode::overloaded);
    }
    errand_changed_.notify_all();
  });
}

std::vector<Scheduler::Switch> Scheduler::switches() const {
  const std::lock_guard lock(mutex_);
  return switches_;
}

Schedule::Facts Scheduler::facts(ModelId model) const {
  const std::lock_guard lock(mutex_);
  return schedule_.facts(model);
}

std::optional<Schedule::Waits> Scheduler::waits(const Waiter& waiter) const {
  const std::lock_guard lock(mutex_);
  if (!waiters_.contains(waiter.ticket_)) return std::nullopt;
  return schedule_.waits(waiter.ticket_);
}

void Scheduler::tell_waiters() {
  const std::lock_guard lock(mutex_);
  for (const auto& [ticket, waiter] : waiters_) waiter->moved();
}

Error Scheduler::too_late(ModelId model) const {
  const std::lock_guard lock(mutex_);
  return schedule_.too_late(model);
}

}  // namespace tachikoma::models
