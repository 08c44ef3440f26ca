// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
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
#include "models/configuration.hpp"
#include "models/scheduler.hpp"
#include "models/shared_instances.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::models {

struct Resident;
class ManagedServer;
class Machines;
struct ConfiguredServer;

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
  /// It is asked again soon: until then it keeps its place as long as nobody has waited for that too long,
  /// and its owner, a generation by its id, waits for no other.
  ModelHold hold(const std::string& owner) const;
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

/// What the waits of a request came to.
struct WaitTimes {
  std::chrono::nanoseconds queue{0}, load{0};  ///< for its turn; while its model was being loaded
  std::vector<std::string> displaced = {};     ///< "provider::key": what was unloaded to make room for it
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
  WaitTimes* times = nullptr;  ///< to be added to, before its wait ends; may be null
};

/// A model in memory that leaves it when another configuration takes effect.
struct Leaving {
  std::string provider, key;
  bool with_its_server;  ///< which is not configured any more; else its load settings change
};

/// The models that a runtime brings into the memory of its servers, and takes out again, as one configuration
/// of it has them. Thread-safe.
///
/// What is in memory is read from the server's list: before its first model is used, before each load, after
/// an error that may mean that it has changed, and when a model was not used for some seconds.
class Residents {
 public:
  /// `machines` must outlive it.
  Residents(Configuration configuration, Machines& machines);
  ~Residents();
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;

  /// This configuration holds from now on, instead of that of `before`, which may be null.
  void take_effect(const Residents* before) const;
  /// What would leave the memory if `next` took effect.
  std::vector<Leaving> leaving(const Configuration& next) const;

  /// At once if the model is known to be in memory, or if its server looks after it; else nullopt. Cheap.
  std::optional<ModelStay> enter(const ResolvedModel& model, const calls::Server& server) const;
  /// True if a request for a model that is not in memory there is answered at once.
  bool answers_at_once(const calls::Server& server) const;
  /// Waits until it is in memory. What `asked` refers to must outlive the task.
  async::Task<Result<ModelStay>> wait_for(StayRequest asked) const;

  /// Has the models loaded that the configuration preloads. Asks servers; ends soon when `stop` is requested.
  void preload(const std::stop_token& stop) const;
  /// Is told how far a load is, for the requests that wait for it.
  using GotFurther = std::function<void(double fraction)>;
  /// Loads the model there by `load` when there is room, waiting for that; makes a further instance of it if
  /// it is in memory already.
  Result<LoadedModel> load(const calls::Server& server, const ResolvedModel& model,
                           const LoadSettings& settings, std::stop_token stop,
                           const std::function<Result<LoadedModel>(const GotFurther&)>& load) const;
  /// Unloads these instances of the model there by `unload`, once no request uses it, here or in another
  /// program.
  Status unload(const calls::Server& server, const std::string& key,
                const std::vector<std::string>& instances, std::stop_token stop,
                const std::function<Status()>& unload) const;
  /// What only this runtime knows of a model's use, where nobody else uses it.
  void add_use(const calls::Server& server, ModelStatus& status) const;

 private:
  struct Managed {
    ManagedServer* server;
    std::shared_ptr<const ConfiguredServer> configured;
  };
  /// What a request waited for; null: its server looks after the model.
  struct Waited {
    Resident* resident = nullptr;
    ModelLease lease = {};
  };

  ManagedServer* find(const calls::Server& server) const;
  async::Task<Result<Waited>> wait_once(const StayRequest& asked) const;

  const Configuration configuration_;
  Machines& machines_;
  std::unordered_map<const calls::Server*, Managed> servers_;  // fixed
};

}  // namespace tachikoma::models
