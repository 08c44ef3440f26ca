// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>

namespace tachikoma::models {

/// What a schedule asks when several models want the same memory. It decides the order alone: that nothing is
/// cut off, loaded twice or over its budget is the schedule's own, whatever a policy says.
class SwitchPolicy {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  /// A request for a model in memory whose place another model waits for.
  struct Entry {
    Time arrived;
    Time model_loaded;
    Time other_waits_since;  ///< the oldest request for the other model
    Time now;
  };
  /// A model that may leave the memory.
  struct Resident {
    std::size_t leases;
    Time last_used;
  };

  virtual ~SwitchPolicy() = default;
  /// Whether the request is served before the switch.
  virtual bool admits(const Entry& entry) const = 0;
  /// Whether `a` leaves rather than `b`.
  virtual bool leaves_before(const Resident& a, const Resident& b) const = 0;
  /// For how long after its last use a model keeps its place although another waits for that, as long as it
  /// is still served first. `load`: how long its own load took.
  virtual Clock::duration lingers(Clock::duration /*load*/) const { return {}; }
  /// Until when a model that is held keeps its place although another has been waited for since then.
  virtual Time held_until(Time other_waits_since) const { return other_waits_since; }
};

/// The default: requests for one model are served together, and none waits without a bound.
///
/// A switch costs seconds, a request for the model that is there nothing; so the model in memory takes new
/// requests, however many wait for another. But only until the first of those has waited for `patience`: then
/// the model takes no more, ends what it has begun, and makes room. A model that has been loaded serves all
/// that had been waiting for it until then. And because who has just been answered often asks again, it keeps
/// its place for a moment when nobody uses it: for a tenth of the time that its load took. A model that is
/// held keeps its place for as long as the patience allows. So with `ahead` models waiting longer, a request
/// waits at most
///
///   patience + (ahead + 1) * (longest lease + minimum residence + moment + unload and load) + one load
///
/// the last for a model that was just being loaded. Of the models that may leave, idle ones go first, and
/// among them the one that was used least recently.
class Batching final : public SwitchPolicy {
 public:
  static constexpr std::chrono::milliseconds kPatience{10'000};
  static constexpr std::chrono::milliseconds kLongestMoment{1'000};

  explicit Batching(Clock::duration patience = kPatience) : patience_(patience) {}

  /// Thread-safe.
  void set_patience(Clock::duration patience) { patience_ = patience; }
  bool admits(const Entry& entry) const override {
    return entry.arrived <= entry.model_loaded || entry.arrived < entry.other_waits_since ||
           entry.now - entry.other_waits_since < patience_.load();
  }
  Clock::duration lingers(Clock::duration load) const override {
    return std::min<Clock::duration>(load / 10, kLongestMoment);
  }
  Time held_until(Time other_waits_since) const override { return other_waits_since + patience_.load(); }
  bool leaves_before(const Resident& a, const Resident& b) const override {
    const bool a_works = a.leases > 0, b_works = b.leases > 0;
    return a_works != b_works ? b_works : a.last_used < b.last_used;
  }

 private:
  std::atomic<Clock::duration> patience_;
};

}  // namespace tachikoma::models
