// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/task.hpp"
#include "calls/attempt.hpp"
#include "calls/providers.hpp"
#include "models/model_registry.hpp"
#include "models/scheduler.hpp"
#include "models/shared_instances.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/memory_report.hpp"

namespace tachikoma::models {

struct Resident;
class ManagedServer;
class MachineModels;

/// That a model stays in memory, as long as this exists; or nothing, if its server looks after it.
class ModelStay {
 public:
  ModelStay() = default;
  ModelStay(Resident& resident, ModelLease lease, InstanceUse use)
      : resident_(&resident), lease_(std::move(lease)), use_(std::move(use)) {}

  /// False if its server looks after the model.
  bool is_held() const { return resident_ != nullptr; }
  /// The name by which its server knows the model: `name`, unless it was loaded as another.
  std::string name(const std::string& name) const;
  /// It answered, as the instance of that name (empty: its server did not say): so it is in memory.
  void served(const std::string& instance) const;
  /// It failed: what is in memory may have changed. The error for the caller.
  Error failed(Error error) const;

 private:
  Resident* resident_ = nullptr;
  ModelLease lease_;
  InstanceUse use_;  // last: what others see ends before the lease
};

/// How far a request's model is from being in memory.
struct WaitState {
  bool loading = false;  ///< else others come first
  double fraction = 0;   ///< of the load
  Waiting waiting = {};
};

/// What a request needs of a model, and who asks.
struct StayRequest {
  const calls::RequestContext& request;
  calls::Attempt& attempt;
  const calls::CallTarget& target;
  calls::Server& server;
  const ResolvedModel& model;
  const LoadSettings& load;  ///< of the model, in case it has to be loaded
  Workers& lookups;          ///< where an asynchronous request has lists fetched
  /// Told whenever that changes, where the request runs; may be empty.
  std::function<void(const WaitState&)> on_wait = {};
};

/// The models that a runtime brings into the memory of its servers, and takes out again. Thread-safe.
///
/// The servers of this machine share its memory; any other has one of its own. What is in memory is read from
/// the server's list: before its first model is used, before each load, after an error that may mean that it
/// has changed, and when a model was not used for some seconds.
class Residents {
 public:
  /// All must outlive it.
  Residents(const Config& config, const calls::Providers& providers, ModelRegistry::Impl& registry);
  ~Residents();
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;

  /// At once if the model is known to be in memory, or if its server looks after it; else nullopt. Cheap.
  std::optional<ModelStay> enter(const ResolvedModel& model, const calls::Server& server) const;
  /// True if a request for a model that is not in memory there is answered at once.
  bool answers_at_once(const calls::Server& server) const;
  /// Waits until it is in memory. What `asked` refers to must outlive the task.
  async::Task<Result<ModelStay>> wait_for(StayRequest asked) const;

  /// Has the models loaded that the configuration preloads. Asks servers; ends soon when `stop` is requested.
  void preload(const std::stop_token& stop) const;
  /// Loads the model there by `load` when there is room, waiting for that; makes a further instance of it if
  /// it is in memory already.
  Result<LoadedModel> load(const calls::Server& server, const ResolvedModel& model,
                           const LoadSettings& settings, std::stop_token stop,
                           const std::function<Result<LoadedModel>()>& load) const;
  /// Unloads these instances of the model there by `unload`, once no request uses it, here or in another
  /// program.
  Status unload(const calls::Server& server, const std::string& key,
                const std::vector<std::string>& instances, std::stop_token stop,
                const std::function<Status()>& unload) const;
  /// What only this runtime knows of a model's use, where nobody else uses it.
  void add_use(const calls::Server& server, ModelStatus& status) const;
  MemoryReport explain() const;

 private:
  /// What a request waited for; null: its server looks after the model.
  struct Waited {
    Resident* resident = nullptr;
    ModelLease lease = {};
  };

  ManagedServer* find(const calls::Server& server) const;
  async::Task<Result<Waited>> wait_once(const StayRequest& asked) const;

  const Config& config_;
  const calls::Providers& providers_;
  const ModelRegistry::Impl& registry_;
  const Batching policy_;
  const std::unique_ptr<InstanceRecords> records_;
  std::unordered_map<const calls::Server*, std::unique_ptr<ManagedServer>> servers_;  // fixed
  std::deque<MachineModels> machines_;  // fixed; last: their threads use the servers
};

}  // namespace tachikoma::models
