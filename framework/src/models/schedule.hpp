// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/switch_policy.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::models {

/// Memory of a machine, in bytes.
struct MemoryBytes {
  std::int64_t ram = 0;
  std::int64_t vram = 0;

  friend MemoryBytes operator+(MemoryBytes a, MemoryBytes b) { return {a.ram + b.ram, a.vram + b.vram}; }
  friend MemoryBytes operator-(MemoryBytes a, MemoryBytes b) { return {a.ram - b.ram, a.vram - b.vram}; }
  friend bool operator==(const MemoryBytes&, const MemoryBytes&) = default;
};

/// "3.5 GiB".
std::string in_gib(std::int64_t bytes);

/// Which models are in one memory, who waits for which, and what is to be done next. It has no thread, no
/// clock and no I/O: it is told what happened, and `take_orders` says what to do. Not synchronised.
///
/// Whatever its policy says:
/// - a model with a lease is never ordered to be unloaded, nor, unless it is dismissed, one that is pinned,
///   that another program loaded, or that has not been in memory for its minimum residence
/// - a model that is held makes no room for another before its policy says so
/// - one load of a model runs at a time, however many ask for it
/// - what is known to be needed never exceeds the limits: a load waits until there is room
/// - what can't ever fit is refused at once, with numbers
/// - each request is granted, refused, or waits: none is lost, and none waits past its deadline
/// - a load that nobody waits for any more is cancelled
class Schedule {
 public:
  using Clock = SwitchPolicy::Clock;
  using Time = SwitchPolicy::Time;
  using ModelId = std::size_t;
  using Ticket = std::uint64_t;
  static constexpr Time kNever = Time::max();
  /// A model that is preloaded takes the place of one that has been idle for this long.
  static constexpr std::chrono::seconds kReturnAfter{60};

  /// Of the memory that all its models share; absent: unknown, so not limited.
  struct Limits {
    std::optional<std::int64_t> ram = {}, vram = {};  ///< bytes, without the headroom
    std::optional<std::size_t> max_instances = {};    ///< models at a time
  };
  /// Of one model.
  struct Rules {
    std::string name = {};                  ///< for messages
    std::optional<MemoryBytes> needs = {};  ///< absent: unknown, so not counted
    bool pin = false;                       ///< stays once it is loaded
    bool preload = false;                   ///< is loaded, again and again, when nobody waits for another
    Clock::duration ttl{};                  ///< leaves after this time without use; 0: never
    Clock::duration min_residence{};
  };
  /// The right to use a model, from a grant to `release`.
  struct Lease {
    ModelId model;
    std::uint32_t residency;  ///< which of the model's times in memory
  };
  struct Order {
    enum class Kind : std::uint8_t { grant, refuse, load, cancel_load, unload };
    Kind kind;
    ModelId model;
    Ticket ticket = 0;              ///< grant, refuse; unload: of the request that needs its place, or 0
    Lease lease = {};               ///< grant
    std::optional<Error> why = {};  ///< refuse
    std::string reason = {};        ///< load, unload: for people
  };
  enum class State : std::uint8_t { absent, loading, cancelling, loaded, unloading };

  /// `policy` must outlive it.
  Schedule(const Limits& limits, const SwitchPolicy& policy) : limits_(limits), policy_(policy) {}

  // what is configured

  ModelId add(Rules rules, Time now);
  void change(ModelId model, Rules rules, Time now);
  void set_limits(const Limits& limits, Time now);

  // requests

  /// A lease at once, if the model is in memory and takes requests. Cheap.
  std::optional<Lease> enter(ModelId model, Time now);
  /// Else the request waits until an order grants or refuses it.
  void wait(Ticket ticket, ModelId model, Time deadline, Time now);
  /// It is not wanted any more. Does nothing once it was granted or refused.
  void give_up(Ticket ticket, Time now);
  void release(const Lease& lease, Time now);
  /// Somebody will ask for it again soon, until `let_go`: while it is in memory it keeps its place as long as
  /// the policy says, and its ttl does not run.
  void hold(ModelId model) { ++models_[model].holds; }
  void let_go(ModelId model, Time now);
  /// It leaves the memory as soon as its leases end; who asks for it waits until it has come back.
  void dismiss(ModelId model, Time now);
  /// It need not leave after all, unless that has begun.
  void keep(ModelId model, Time now);

  // what came of the orders

  /// `took`: what it is known to hold of the memory. `foreign`: another program had loaded it meanwhile.
  void loaded(ModelId model, std::optional<MemoryBytes> took, Time now, bool foreign = false);
  void load_failed(ModelId model, const Error& why, Time now);
  void unloaded(ModelId model, Time now);
  /// `in_use`: another program uses it, so it is tried again soon.
  void unload_failed(ModelId model, Time now, bool in_use = false);

  // what others did

  /// It is in memory without us: we use it, and never unload it if it is `foreign`.
  void appeared(ModelId model, Time now, bool foreign = true);
  /// Whether one that is in memory is another program's. That may turn out later, or change.
  void set_foreign(ModelId model, bool foreign, Time now);
  /// It is gone without us: unloaded, crashed, or its server has restarted. Its leases mean nothing any more.
  void vanished(ModelId model, Time now);
  /// What models hold that are not in this schedule.
  void set_others(MemoryBytes held, std::size_t instances, Time now);

  /// The time has come that `next_due` named.
  void advance(Time now);
  /// When something will be due although nothing happens; kNever: only an event can change something.
  Time next_due() const;
  /// Of one model.
  struct Facts {
    State state;
    bool foreign, pinned, dismissed;
    std::size_t leases, waiting;
    std::optional<MemoryBytes> needs;
    bool measured;              ///< `needs` is what a load took
    Time loaded_at, last_used;  ///< while it is in memory
    Clock::duration ttl, min_residence;
  };
  Facts facts(ModelId model) const;
  /// What its models are known to hold, also those on their way in or out.
  MemoryBytes held() const { return in_use().bytes - others_.bytes; }
  /// What a request waits for.
  struct Waits {
    State state;                      ///< of its model
    std::size_t ahead;                ///< requests that have waited for longer, for any model
    std::vector<ModelId> for_models;  ///< those that make room first, or that is served first
  };
  Waits waits(Ticket ticket) const;
  /// Why a request that waits for the model now came too late.
  Error too_late(ModelId model) const { return too_late(models_[model]); }

  std::vector<Order> take_orders() { return std::exchange(orders_, {}); }
  bool has_orders() const { return !orders_.empty(); }
  bool is_waited_for() const { return !waiting_.empty(); }

 private:
  struct Waiting {
    Ticket ticket;
    std::uint64_t number;  // in the order of arrival
    Time arrived, deadline;
  };
  struct Model {
    Rules rules;
    std::optional<MemoryBytes> needs;  // as configured, or learned from a load
    State state = State::absent;
    bool foreign = false;         // another program loaded it
    bool used_elsewhere = false;  // as its last unload found out
    bool dismissed = false;
    bool load_failed = false;  // nothing was asked of it since
    std::uint32_t residency = 0;
    std::size_t leases = 0;
    std::size_t holds = 0;
    std::deque<Waiting> queue = {};
    Time load_began = {}, loaded_at = {}, last_used = {};
    Time unload_again = {};                      // after a failure
    std::optional<std::size_t> max_beside = {};  // beside more it did not fit, as its server said
  };
  /// What is in memory, or will be.
  struct Use {
    MemoryBytes bytes;
    std::size_t instances = 0;
    void add(const Model& model) {
      bytes = bytes + model.needs.value_or(MemoryBytes{});
      ++instances;
    }
    void remove(const Model& model) {
      bytes = bytes - model.needs.value_or(MemoryBytes{});
      --instances;
    }
  };
  /// The model that is loaded next, once these have made room.
  struct Claim {
    ModelId head;
    std::vector<ModelId> leaving;
  };
  using Residents = std::vector<ModelId>;

  void plan(Time now);
  void expire_tickets(Time now);
  void serve_waiting(Time now);
  void admit_waiting(Time now);
  void unload_unwanted(Time now);
  void reload_preferred(Time now);
  std::vector<ModelId> waiting_models() const;
  bool may_enter(ModelId model, Time arrived, Time now) const;
  bool claimed(ModelId model) const;
  std::vector<ModelId> before(ModelId model) const;

  Use in_use() const;         // also by what is being unloaded
  Use in_future() const;      // without it
  bool has_too_many() const;  // instances
  bool is_over_limits() const;
  bool fits(const Model& model, const Use& beside) const;
  Use pinned_beside(const Model& model) const;
  bool fits_ever(const Model& model) const;
  void make_room(ModelId head, Time now);
  std::optional<Residents> enough_of(Residents candidates, const Model& head) const;
  Residents idle_for(ModelId head, Time now) const;
  Residents all_that_may_leave() const;
  bool may_have_room_later() const;
  bool is_free_to_leave(const Model& model, Time now) const;
  Time lingers_until(const Model& model) const;

  void grant_front(ModelId model, Time now);
  void refuse(ModelId model, const Waiting& waiting, Error why);
  void refuse_all(ModelId model, const Error& why);
  void start_load(ModelId model, std::string reason);
  void start_unload(ModelId model, std::string reason, Ticket needs_its_place = 0);
  Error never_fits(const Model& model) const;
  Error too_late(const Model& model) const;

  Limits limits_;
  const SwitchPolicy& policy_;
  std::vector<Model> models_;
  std::unordered_map<Ticket, ModelId> waiting_;
  Use others_;
  std::optional<Claim> claim_;
  Time planned_ = {};
  std::size_t dismissed_ = 0;
  std::uint64_t arrivals_ = 0;
  std::vector<Order> orders_;
};

}  // namespace tachikoma::models
