// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/timer.hpp"
#include "async/workers.hpp"
#include "models/scheduler.hpp"
#include "models/shared_instances.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::models {

class ManagedServer;

/// How long a model takes to load, as this runtime has seen it.
struct LoadTimes {
  std::optional<std::chrono::milliseconds> last = {};  ///< its last load
  Timer::Clock::time_point begun = {};                 ///< the one that runs
  double fraction = 0;                                 ///< of that, done
};

/// A model on one server, in memory or not.
struct Resident {
  ManagedServer& server;
  const std::string key;
  const Schedule::ModelId id;                    ///< in the schedule of its machine
  std::atomic<Timer::Clock::time_point> seen{};  ///< when it was last known to be in memory
  std::atomic<bool> renamed = false;             ///< it is in memory, and not under its key
  mutable std::mutex mutex{};                    ///< guards what follows
  std::optional<LoadSettings> load = {};         ///< for its next load; absent: nobody has asked for it
  std::string alias = {};                        ///< for which that is; empty: none
  std::vector<std::string> instances = {};       ///< in memory, as far as known
  LoadTimes times = {};
  SharedInstances shared{};  ///< those in memory; locks itself

  LoadTimes load_times() const {
    const std::lock_guard lock(mutex);
    return times;
  }
};

/// Whether it is in memory, as far as known.
inline bool has_instances(const Resident& resident) {
  const std::lock_guard lock(resident.mutex);
  return !resident.instances.empty();
}

/// The models that share one memory, and who decides which of them are in it.
class MachineModels final : public ModelLoader {
 public:
  /// `timer` and `log` must outlive it. `here`: it is this machine.
  MachineModels(const MemoryConfig& memory, bool here, Timer& timer, const LogCallback& log);
  ~MachineModels();

  /// What models may take from now on, and for how long others wait.
  void configure(const MemoryConfig& memory);
  Resident& add(ManagedServer& server, const std::string& key, Schedule::Rules rules);
  /// By id.
  std::vector<const Resident*> all() const;
  /// Finds out what models may take of it, and watches that from now on: before it is known what one needs.
  void measure();
  /// True if it has memory for models besides RAM, or may have; once it is measured.
  bool has_gpus() const { return limits().vram != std::int64_t{0}; }
  Result<Loaded> load(ModelId model, std::stop_token stop) override;
  Status unload(ModelId model) override;

 private:
  Resident& resident(ModelId model);
  void apply_limits();
  MemoryConfig memory() const;
  Schedule::Limits limits() const;
  void watch();

  Batching policy_;
  const bool here_;
  Timer& timer_;
  const LogCallback& log_;
  std::once_flag measured_;
  std::atomic<bool> measures_ = false;
  bool short_ = false;  // of memory, as `watch` has found it
  std::optional<Timer::Id> watch_;
  std::atomic<std::uint64_t> configured_ = 0;  // how often
  mutable std::mutex mutex_;                   // guards what follows
  MemoryConfig memory_;
  Schedule::Limits limits_;
  std::deque<std::unique_ptr<Resident>> residents_;  // by id

 public:
  Scheduler scheduler;  // its threads use those above

 private:
  Workers watcher_{1};  // uses all of them
};

}  // namespace tachikoma::models
