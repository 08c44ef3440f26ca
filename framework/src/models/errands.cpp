// SPDX-License-Identifier: MIT
// Loads and unloads that a program asks for: the schedule orders them like any other, and the thread that
// asked runs them, so that it is told how they get on.
#include <algorithm>

#include "models/scheduler.hpp"

namespace tachikoma::models {

/// Waits for the model that its own thread may have to load.
class Scheduler::ErrandWaiter final : public Scheduler::Waiter {
 public:
  explicit ErrandWaiter(Scheduler& scheduler) : scheduler_(scheduler) {}

  void ready(Result<ModelLease> lease) override {
    const std::lock_guard lock(scheduler_.mutex_);
    lease_.emplace(std::move(lease));
    scheduler_.errand_changed_.notify_all();
  }
  // With the lock of the scheduler.
  bool is_ready() const { return lease_.has_value(); }
  // Without it: a lease that ends takes it.
  Status take() {
    const Result<ModelLease> lease = *std::move(lease_);
    return lease ? Status(Done{}) : Status(lease.error());
  }

 private:
  Scheduler& scheduler_;
  std::optional<Result<ModelLease>> lease_;
};

// With the lock.
bool Scheduler::order_errand(Errands& errands, ModelId model) {
  const auto found =
      std::find_if(errands.begin(), errands.end(), [&](const Errand* each) { return each->model == model; });
  if (found == errands.end()) return false;
  (*found)->ordered = true;
  errand_changed_.notify_all();
  return true;
}

Status Scheduler::load_here(ModelId model, std::stop_token stop,
                            const std::function<Result<ModelLoader::Loaded>()>& load) {
  Errand errand{.model = model};
  {
    const std::lock_guard lock(mutex_);
    errand_loads_.push_back(&errand);
  }
  ErrandWaiter waiter(*this);
  const std::optional<ModelLease> there = acquire(model, kNoLimit, waiter);
  const std::stop_callback on_stop(std::move(stop), [&] {
    if (!there && withdraw(waiter))
      waiter.ready(Error(ErrorCode::cancelled, "cancelled while waiting to load a model"));
  });
  std::unique_lock lock(mutex_);
  for (;;) {  // it is ordered again if others had to make room
    errand_changed_.wait(lock, [&] { return there || waiter.is_ready() || errand.ordered; });
    if (there || waiter.is_ready()) break;
    errand.ordered = false;
    lock.unlock();
    const Result<ModelLoader::Loaded> loaded = load();
    // it has what it wanted, or wants it no more, and another load must not be made for it
    if (loaded && withdraw(waiter)) waiter.ready(ModelLease());
    const bool gave_up = !loaded && loaded.error().code == ErrorCode::cancelled;
    if (gave_up && withdraw(waiter)) waiter.ready(loaded.error());
    end_load(model, loaded);
    lock.lock();
    if (gave_up) errand_changed_.wait(lock, [&] { return waiter.is_ready(); });
  }
  forget(errand_loads_, errand);
  std::optional<Job> left;  // ordered, and not for us any more
  if (errand.ordered && !order_errand(errand_loads_, model)) left.emplace(Job{model, loads_.at(model)});
  lock.unlock();
  if (left) start(*std::move(left));
  return there ? Status(Done{}) : waiter.take();
}

// With the lock.
void Scheduler::forget(Errands& errands, const Errand& errand) {
  std::erase(errands, &errand);
  errand_changed_.notify_all();
}

Status Scheduler::unload_here(ModelId model, std::stop_token stop, const std::function<Status()>& unload) {
  Errand errand{.model = model};
  if (std::optional<Error> cancelled = wait_to_unload(model, stop, errand)) return *std::move(cancelled);
  Status done = unload();
  if (errand.ordered) end_unload(model, done);
  return done;
}

// Returns when the model is this thread's to unload, or is not in memory.
std::optional<Error> Scheduler::wait_to_unload(ModelId model, const std::stop_token& stop, Errand& errand) {
  const std::stop_callback on_stop(stop, [this] {
    const std::lock_guard lock(mutex_);
    errand_changed_.notify_all();
  });
  const auto is_there = [&] { return schedule_.facts(model).state != Schedule::State::absent; };
  std::unique_lock lock(mutex_);
  errand_unloads_.push_back(&errand);
  // whoever asked for it before may have it loaded again meanwhile
  while (!errand.ordered && is_there() && !stop.stop_requested()) {
    schedule_.dismiss(model, timer_.now());
    if (schedule_.has_orders()) {
      Tasks tasks = take_tasks();
      lock.unlock();
      carry_out(std::move(tasks));
      lock.lock();
    } else {
      errand_changed_.wait(lock);
    }
  }
  forget(errand_unloads_, errand);
  if (errand.ordered || !is_there()) return std::nullopt;
  schedule_.keep(model, timer_.now());
  Tasks tasks = take_tasks();
  lock.unlock();
  carry_out(std::move(tasks));
  return Error(ErrorCode::cancelled, "cancelled while waiting until nobody uses the model");
}

}  // namespace tachikoma::models
