// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/timer.hpp"
#include "async/workers.hpp"
#include "models/schedule.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::models {

/// Loads and unloads models as a schedule orders it.
class ModelLoader {
 public:
  using ModelId = Schedule::ModelId;

  struct Loaded {
    std::optional<MemoryBytes> took = {};  ///< what it is known to hold of the memory
    bool foreign = false;                  ///< it was in memory already: another program has loaded it
  };

  virtual ~ModelLoader() = default;
  /// Ends soon when `stop` is requested. At most one call for a model runs at a time, on any thread.
  virtual Result<Loaded> load(ModelId model, std::stop_token stop) = 0;
  /// Success also if it was not in memory any more. Fails with `overloaded` if another program uses it.
  virtual Status unload(ModelId model) = 0;
};

class Scheduler;

/// That a model is held, as long as this exists and its owner waits for no other; or nothing.
class ModelHold {
 public:
  ModelHold() = default;
  ModelHold(Scheduler& scheduler, Schedule::ModelId model, const std::string& owner);
  ModelHold(ModelHold&& other) noexcept
      : scheduler_(std::exchange(other.scheduler_, nullptr)), id_(other.id_) {}
  ModelHold& operator=(ModelHold&& other) noexcept {
    std::swap(scheduler_, other.scheduler_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~ModelHold();

 private:
  Scheduler* scheduler_ = nullptr;
  std::uint64_t id_ = 0;
};

/// A model that stays in memory as long as this exists; or nothing.
class ModelLease {
 public:
  ModelLease() = default;
  ModelLease(Scheduler& scheduler, const Schedule::Lease& lease) : scheduler_(&scheduler), lease_(lease) {}
  ModelLease(ModelLease&& other) noexcept
      : scheduler_(std::exchange(other.scheduler_, nullptr)), lease_(other.lease_) {}
  ModelLease& operator=(ModelLease&&) = delete;  // one ends before another begins
  ~ModelLease();

 private:
  Scheduler* scheduler_ = nullptr;
  Schedule::Lease lease_{};
};

/// The one owner of a memory: all that loads and unloads there goes through its schedule, which promises what
/// stands in schedule.hpp. Thread-safe. Who asks for a model that is there gets it on its own thread, at the
/// cost of a lock; a load or an unload has a thread as long as it runs.
class Scheduler {
 public:
  using ModelId = Schedule::ModelId;
  using Clock = Timer::Clock;
  static constexpr std::chrono::milliseconds kNoLimit = std::chrono::hours(24 * 365 * 100);

  class Waiter {
   public:
    /// Called once, on any thread, without a lock: a lease, or why there is none.
    virtual void ready(Result<ModelLease> lease) = 0;
    /// What it waits for may have changed. Called on any thread, with a lock: must not call back.
    virtual void moved() {}
    /// The models that were unloaded because it needed their place: those that waited for the same model
    /// behind it are not told. Complete once it is ready or withdrawn.
    const std::vector<ModelId>& displaced() const { return displaced_; }

   protected:
    virtual ~Waiter() = default;

   private:
    friend class Scheduler;
    Schedule::Ticket ticket_ = 0;
    std::vector<ModelId> displaced_;
  };

  /// `policy`, `loader` and `timer` must outlive it.
  Scheduler(const Schedule::Limits& limits, const SwitchPolicy& policy, ModelLoader& loader, Timer& timer);
  /// Ends running loads, and waits for them. Nobody may wait or hold a lease any more.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  ModelId add(Schedule::Rules rules);
  void change(ModelId model, Schedule::Rules rules);
  void set_limits(const Schedule::Limits& limits);
  /// What others hold of the memory: `withheld(known)`, where its models are known to hold `known`.
  void set_withheld(const std::function<MemoryBytes(MemoryBytes known)>& withheld);

  /// Blocks. Fails with `timeout` of the clock `load` after `limit`, with `cancelled` once `stop`
  /// is requested, with `insufficient_memory` for what can't ever fit, and as the load fails.
  Result<ModelLease> acquire(ModelId model, std::chrono::milliseconds limit, std::stop_token stop);
  /// A lease at once, if there is one.
  std::optional<ModelLease> enter(ModelId model);
  /// A lease at once; else nullopt, and `waiter` will be ready, unless it is withdrawn.
  std::optional<ModelLease> acquire(ModelId model, std::chrono::milliseconds limit, Waiter& waiter);
  /// True if it was still waiting; then it will not be ready.
  bool withdraw(Waiter& waiter);
  /// What it waits for; nullopt once it is ready.
  std::optional<Schedule::Waits> waits(const Waiter& waiter) const;
  /// A load got further.
  void tell_waiters();
  /// Why a request that waits for the model now came too late.
  Error too_late(ModelId model) const;

  /// Runs `load` here when it is the model's turn, as a load that was ordered; does nothing if the model is
  /// in memory by then. Fails as `acquire` does, and as `load` does.
  Status load_here(ModelId model, std::stop_token stop,
                   const std::function<Result<ModelLoader::Loaded>()>& load);
  /// Runs `unload` here once nobody uses the model, which waits for it until then. Fails with `cancelled`
  /// once `stop` is requested, and as `unload` does.
  Status unload_here(ModelId model, std::stop_token stop, const std::function<Status()>& unload);
  /// See `Schedule`.
  void dismiss(ModelId model);
  /// The owner of holds waits for another model, and would wait for itself: they end.
  void end_holds(const std::string& owner);
  /// See `Schedule`: what others did.
  void appeared(ModelId model, bool foreign);
  void set_foreign(ModelId model, bool foreign);
  void vanished(ModelId model);

  /// A load or an unload that was begun, and why.
  struct Switch {
    Clock::time_point at;
    ModelId model;
    bool loaded;
    std::string reason;
  };
  /// The last ones, oldest first.
  std::vector<Switch> switches() const;
  Schedule::Facts facts(ModelId model) const;

 private:
  friend class ModelLease;
  friend class ModelHold;
  using Orders = std::vector<Schedule::Order>;
  struct Answer {
    Waiter* waiter;
    Result<ModelLease> lease;
  };
  struct Job {
    ModelId model;
    std::optional<std::stop_source> load;  // absent: unload
  };
  /// A load or an unload that the thread that asked for it runs, once it is ordered.
  struct Errand {
    ModelId model;
    bool ordered = false;
  };
  using Errands = std::vector<Errand*>;
  class ErrandWaiter;
  /// What orders mean for others: done without the lock.
  struct Tasks {
    std::vector<Answer> answers;
    std::vector<Job> jobs;
    std::vector<std::stop_source> cancelled;
  };

  template <class Event>
  void tell(const Event& event);
  void release(const Schedule::Lease& lease);
  std::uint64_t hold(ModelId model, const std::string& owner);
  void let_go(std::uint64_t hold);
  Tasks take_tasks();
  void carry_out(Tasks tasks);
  void start(Job job);
  void load(ModelId model, const std::stop_token& stop);
  void unload(ModelId model);
  void note(const Schedule::Order& order);
  void forget_unload(ModelId model);
  bool order_errand(Errands& errands, ModelId model);
  void forget(Errands& errands, const Errand& errand);
  std::optional<Error> wait_to_unload(ModelId model, const std::stop_token& stop, Errand& errand);
  void end_load(ModelId model, const Result<ModelLoader::Loaded>& loaded);
  void end_unload(ModelId model, const Status& done);

  ModelLoader& loader_;
  Timer& timer_;
  mutable std::mutex mutex_;  // guards what follows
  Schedule schedule_;
  std::unordered_map<Schedule::Ticket, Waiter*> waiters_;
  std::unordered_map<ModelId, std::stop_source> loads_;
  struct Hold {
    ModelId model;
    std::string owner;
  };
  std::unordered_map<std::uint64_t, Hold> holds_;
  std::uint64_t last_hold_ = 0;
  Errands errand_loads_, errand_unloads_;
  std::condition_variable errand_changed_;
  std::vector<Switch> switches_;
  Schedule::Ticket last_ticket_ = 0;
  bool ending_ = false;
  Timer::Id entry_;
  Workers workers_;  // last: its threads use the others
};

}  // namespace tachikoma::models
