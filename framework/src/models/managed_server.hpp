// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "calls/providers.hpp"
#include "models/configuration.hpp"
#include "models/machine_models.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::models {

/// A server as it is configured.
struct ConfiguredServer {
  const Configuration all;  // keeps the next two
  const calls::ConfiguredProvider& provider;
  calls::Server& server;

  calls::CallTarget target() const { return calls::CallTarget(provider).on(server); }
  /// For a question that is asked once.
  calls::CallTarget question() const { return target().question().once(); }
};
/// The name that its instance gets, unless that is taken.
std::string expected_instance(const LoadRequest& load);

/// A server whose models this runtime loads and unloads. Thread-safe; no lock is held during a call to it.
///
/// It stays when the runtime is configured anew, as do the models in its memory.
class ManagedServer {
 public:
  /// All but the first two must outlive it.
  ManagedServer(const calls::ConfiguredProvider& provider, const calls::Server& server,
                MachineModels& machine, Timer& timer, const LogCallback& log, InstanceRecords& records);

  /// What holds from now on. What others stop to refer to is not used any more.
  void configure(const std::shared_ptr<const ConfiguredServer>& configured);
  /// It is not configured any more: what this runtime has loaded there leaves.
  void retire();
  /// True if it is that server.
  bool is(const calls::Server& server) const;
  /// Whether this runtime has brought the model into memory, or is about to.
  bool is_ours(const Resident& resident) const;
  /// Whether `configure` will unload the model: its settings are those of an entry that changes.
  bool leaves(const Resident& resident, const Configuration& next) const;
  /// All that were asked for, or were in memory once.
  std::vector<Resident*> residents() const;

  /// False if the server itself looks after the model.
  bool manages(const ResolvedModel& model) const;
  /// The model, if it is known, and what is known of its memory is new enough; else null. Cheap.
  Resident* find_current(const ResolvedModel& model) const;
  /// Null if nobody has asked for it, and no list has had it in memory.
  Resident* find(const std::string& key) const;
  /// The same, asking the server; null if it turns out that the server can't be told what to load.
  Result<Resident*> find_out(const ResolvedModel& model, const LoadSettings& load, std::stop_token stop);
  /// True if nobody else loads or unloads there.
  bool is_exclusive() const { return exclusive_; }
  /// What is in memory may have changed.
  void doubt() { doubted_ = true; }
  /// It won't be told what to load any more.
  void leave_alone(const Error& why);

  Scheduler& scheduler() const { return machine_.scheduler; }
  Timer::Clock::time_point now() const { return timer_.now(); }
  /// Of models that share its machine.
  std::vector<std::string> names_of(const std::vector<Schedule::ModelId>& models) const;
  const std::string& provider() const { return provider_; }
  const std::string& url() const { return url_; }

  Result<ModelLoader::Loaded> load(Resident& resident, std::stop_token stop);
  /// Success also if the server is not configured any more.
  Status unload(Resident& resident);
  /// A request was answered by the instance of that name; empty: its server did not say.
  void note_served(Resident& resident, const std::string& instance);
  /// How it will be loaded, if it is not in memory.
  void prepare_load(Resident& resident, const ResolvedModel& model, const LoadSettings& load,
                    std::stop_token stop);
  /// A load that was made. Without a record, for a program, which alone decides when it is unloaded.
  ModelLoader::Loaded note_loaded(Resident& resident, LoadedModel& loaded, std::stop_token stop,
                                  SharedInstances::Record record = nullptr);
  void note_unloaded(Resident& resident);
  /// Of a load, which begins with 0.
  void note_progress(Resident& resident, double fraction);
  /// A request's use of it, which other programs see; nullopt if one of them unloads it, or has.
  std::optional<InstanceUse> use(Resident& resident);
  /// Then: waits until that has ended. It is not in memory any more, as far as known.
  void wait_until_gone(Resident& resident, const std::stop_token& stop);
  /// Calls `unload` when no other program uses these instances.
  Status unload_unused(const std::vector<std::string>& instances, const std::stop_token& stop,
                       const std::function<Status()>& unload);

 private:
  enum class Managed : std::uint8_t { unknown, yes, no };

  Result<std::shared_ptr<const ConfiguredServer>> configured() const;
  Schedule::Rules rules_of(const std::string& key) const;
  Result<ModelLoader::Loaded> bring_in(Resident& resident, const std::stop_token& stop);
  Status read(std::stop_token stop);
  void take_over(const std::vector<ModelInfo>& listed,
                 const std::map<std::string, SharedInstances::Record>& records);
  void take_over(Resident& resident, std::vector<std::string> instances,
                 const std::map<std::string, SharedInstances::Record>& records);
  std::string address();
  void share(Resident& resident, const std::vector<std::string>& instances,
             const std::map<std::string, SharedInstances::Record>& records);
  /// An instance that is about to be loaded, or was.
  RecordedInstance described(const LoadRequest& load, const std::string& instance);
  Announcement announce(const LoadRequest& load, const std::string& instance, const std::stop_token& stop);
  Result<ModelLoader::Loaded> load_now(Resident& resident, const LoadRequest& wanted, Announcement announced,
                                       const std::stop_token& stop);
  LoadSeenByOthers begin_load(const LoadRequest& wanted, const std::stop_token& stop);
  bool wait_for_loads(const std::stop_token& stop);
  bool is_empty() const;
  bool is_worth_a_retry(const Resident& refused, bool was_alone, bool others_loaded,
                        const std::stop_token& stop);
  Status take_to_unload(Resident& resident);
  Status check_adopted(Resident& resident);
  Resident& find_or_add(const std::string& key);
  std::optional<MemoryBytes> estimate(const std::string& key, const LoadSettings& load, std::stop_token stop);
  std::optional<MemoryBytes> taken_by(const std::string& instance, std::stop_token stop);
  bool was_loaded_twice(Resident& resident, const LoadedModel& loaded, const std::stop_token& stop);
  Status unload_instance(const std::string& instance) const;
  LoadSettings settings_for(const Resident& resident, const LoadSettings& asked) const;
  void forget_list() const;
  void follow(Resident& resident, const Configuration& now);
  void end_retirement(const Resident* gone);
  void log(Severity severity, const std::string& text) const;

  const std::string provider_, url_;
  MachineModels& machine_;
  Timer& timer_;
  const LogCallback& log_;
  InstanceRecords& records_;
  const bool exclusive_;  // nobody else loads or unloads there
  std::atomic<Managed> managed_;
  std::atomic<bool> doubted_ = false;
  std::atomic<Timer::Clock::time_point> read_at_{};
  std::atomic<std::uint64_t> changes_ = 0;  // loads and unloads of this runtime that have ended
  mutable std::mutex mutex_;                // guards what follows
  std::string address_;                     // of the server, in records; empty: not known yet
  std::weak_ptr<const ConfiguredServer> configured_;
  std::shared_ptr<const ConfiguredServer> retiring_;         // kept until its models have left
  std::map<std::string, Resident*, std::less<>> residents_;  // by key
};

}  // namespace tachikoma::models
