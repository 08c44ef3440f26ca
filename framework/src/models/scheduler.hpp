// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
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

  virtual ~ModelLoader() = default;
  /// What it is known to hold of the memory. Ends soon when `stop` is requested. At most one call for a model
  /// runs at a time, on any thread.
  virtual Result<std::optional<MemoryBytes>> load(ModelId model, std::stop_token stop) = 0;
  /// Success also if it was not in memory any more.
  virtual Status unload(ModelId model) = 0;
};

class Scheduler;

/// A model that stays in memory as long as this exists.
class ModelLease {
 public:
  ModelLease(Scheduler& scheduler, const Schedule::Lease& lease) : scheduler_(&scheduler), lease_(lease) {}
  ModelLease(ModelLease&& other) noexcept
      : scheduler_(std::exchange(other.scheduler_, nullptr)), lease_(other.lease_) {}
  ModelLease& operator=(ModelLease&&) = delete;  // one ends before another begins
  ~ModelLease();

 private:
  Scheduler* scheduler_;
  Schedule::Lease lease_;
};

/// The one owner of a memory: all that loads and unloads there goes through its schedule, which promises what
/// stands in schedule.hpp. Thread-safe. Who asks for a model that is there gets it on its own thread, at the
/// cost of a lock; a load or an unload has a thread as long as it runs.
class Scheduler {
 public:
  using ModelId = Schedule::ModelId;
  using Clock = Timer::Clock;

  class Waiter {
   public:
    /// Called once, on any thread, without a lock: a lease, or why there is none.
    virtual void ready(Result<ModelLease> lease) = 0;

   protected:
    ~Waiter() = default;

   private:
    friend class Scheduler;
    Schedule::Ticket ticket_ = 0;
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

  /// Blocks. Fails with `timeout` of the clock `load` after `limit`, with `cancelled` once `stop` is
  /// requested, with `insufficient_memory` for what can't ever fit, and as the load fails.
  Result<ModelLease> acquire(ModelId model, std::chrono::milliseconds limit, std::stop_token stop);
  /// A lease at once; else nullopt, and `waiter` will be ready, unless it is withdrawn.
  std::optional<ModelLease> acquire(ModelId model, std::chrono::milliseconds limit, Waiter& waiter);
  /// True if it was still waiting; then it will not be ready.
  bool withdraw(Waiter& waiter);
  /// Unloads it once nobody uses it.
  void dismiss(ModelId model);
  /// See `Schedule`: what others did.
  void appeared(ModelId model);
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

 private:
  friend class ModelLease;
  using Orders = std::vector<Schedule::Order>;
  struct Answer {
    Waiter* waiter;
    Result<ModelLease> lease;
  };
  struct Job {
    ModelId model;
    std::optional<std::stop_source> load;  // absent: unload
  };
  /// What orders mean for others: done without the lock.
  struct Tasks {
    std::vector<Answer> answers;
    std::vector<Job> jobs;
    std::vector<std::stop_source> cancelled;
  };

  template <class Event>
  void tell(const Event& event);
  void release(const Schedule::Lease& lease);
  Tasks take_tasks();
  void carry_out(Tasks tasks);
  void start(Job job);
  void load(ModelId model, const std::stop_token& stop);
  void unload(ModelId model);
  void note(const Schedule::Order& order);

  ModelLoader& loader_;
  Timer& timer_;
  mutable std::mutex mutex_;  // guards what follows
  Schedule schedule_;
  std::unordered_map<Schedule::Ticket, Waiter*> waiters_;
  std::unordered_map<ModelId, std::stop_source> loads_;
  std::vector<Switch> switches_;
  Schedule::Ticket last_ticket_ = 0;
  bool ending_ = false;
  Timer::Id entry_;
  Workers workers_;  // last: its threads use the others
};

}  // namespace tachikoma::models
