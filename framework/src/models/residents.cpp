// SPDX-License-Identifier: MIT
#include "models/residents.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/try.hpp"
#include "models/machines.hpp"
#include "models/wait_report.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {

namespace {

bool has_component(const calls::Providers& providers, const calls::Server& server) {
  for (const calls::ConfiguredProvider& provider : providers.all())
    for (const calls::Server& each : provider.servers().all())
      if (&each.provider() == &server.provider()) return true;
  return false;
}

}  // namespace

std::string ModelStay::name(const std::string& name) const {
  if (!resident_ || !resident_->renamed || name != resident_->key) return name;
  const std::lock_guard lock(resident_->mutex);
  return resident_->instances.empty() ? name : resident_->instances.front();
}

ModelHold ModelStay::hold(const std::string& owner) const {
  return resident_ ? ModelHold(resident_->server.scheduler(), resident_->id, owner) : ModelHold();
}

void ModelStay::served(const std::string& instance) const {
  if (resident_) resident_->server.note_served(*resident_, instance);
}

Error ModelStay::failed(Error error) const {
  if (!resident_) return error;
  const bool is_gone = error.code == ErrorCode::model_not_found;
  if (is_gone || error.code == ErrorCode::model_lost || error.code == ErrorCode::unreachable)
    resident_->server.doubt();
  if (!is_gone) return error;
  return Error(ErrorCode::model_lost,
               "'" + resident_->key + "' was no longer in memory: " + std::move(error).message,
               "ask again: it will be loaded again", std::move(error).detail);
}

Residents::Residents(Configuration configuration, Machines& machines)
    : configuration_(std::move(configuration)), machines_(machines) {
  for (const calls::ConfiguredProvider& provider : configuration_.providers->all()) {
    if (!provider.capability<ModelManager>() || !provider.capability<ModelCatalog>()) continue;
    for (calls::Server& server : provider.servers().all()) {
      const auto configured =
          std::make_shared<const ConfiguredServer>(ConfiguredServer{configuration_, provider, server});
      servers_.emplace(&server, Managed{&machines_.manage(provider, server), configured});
    }
  }
}

Residents::~Residents() = default;

void Residents::take_effect(const Residents* before) const {
  for (const auto& [server, managed] : servers_) managed.server->configure(managed.configured);
  if (!before) return;
  for (const auto& [server, managed] : before->servers_)
    if (!has_component(*configuration_.providers, *server)) managed.server->retire();
  machines_.configure(configuration_.config->memory);  // what has to stay is known by now
}

std::vector<Leaving> Residents::leaving(const Configuration& next) const {
  std::vector<Leaving> leaving;
  for (const auto& [server, managed] : servers_) {
    const bool stays = has_component(*next.providers, *server);
    for (const Resident* const each : managed.server->residents()) {
      if (stays ? managed.server->leaves(*each, next) : managed.server->is_ours(*each))
        leaving.push_back({managed.server->provider(), each->key, !stays});
    }
  }
  std::sort(leaving.begin(), leaving.end(), [](const Leaving& a, const Leaving& b) {
    return std::tie(a.provider, a.key) < std::tie(b.provider, b.key);
  });
  return leaving;
}

ManagedServer* Residents::find(const calls::Server& server) const {
  const auto found = servers_.find(&server);
  return found == servers_.end() ? nullptr : found->second.server;
}

std::optional<ModelStay> Residents::enter(const ResolvedModel& model, const calls::Server& server) const {
  ManagedServer* const managed = find(server);
  if (!managed || !managed->manages(model)) return ModelStay();
  Resident* const resident = managed->find_current(model);
  if (!resident) return std::nullopt;
  std::optional<ModelLease> lease = managed->scheduler().enter(resident->id);
  if (!lease) return std::nullopt;
  std::optional<InstanceUse> use = managed->use(*resident);
  if (!use) return std::nullopt;
  return ModelStay(*resident, *std::move(lease), *std::move(use));
}

bool Residents::answers_at_once(const calls::Server& server) const {
  const ManagedServer* const managed = find(server);
  return managed && managed->is_exclusive();
}

// Another program may unload it before the request can use it: then it waits anew.
async::Task<Result<ModelStay>> Residents::wait_for(StayRequest asked) const {
  for (;;) {
    async::Task<Result<Waited>> waiting = wait_once(asked);
    Result<Waited> waited = co_await waiting;
    if (!waited) co_return std::move(waited).error();
    if (!waited->resident) co_return ModelStay();
    Resident& resident = *waited->resident;
    if (std::optional<InstanceUse> use = resident.server.use(resident))
      co_return ModelStay(resident, std::move(waited->lease), *std::move(use));
    async::BlockingWork job(asked.request.execution, asked.lookups, asked.attempt.cancellation, [&] {
      resident.server.wait_until_gone(resident, asked.attempt.cancellation.token());
    });
    co_await job;
  }
}

async::Task<Result<Residents::Waited>> Residents::wait_once(const StayRequest& asked) const {
  ManagedServer& server = *find(asked.server);
  Result<Resident*> found = nullptr;
  async::BlockingWork job(asked.request.execution, asked.lookups, asked.attempt.cancellation, [&] {
    found = server.find_out(asked.model, asked.load, asked.attempt.cancellation.token());
  });
  co_await job;
  const auto too_late = [&] { return asked.attempt.cancellation.reason() == CancelReason::load; };
  if (asked.attempt.ended() && !(found && *found && too_late())) co_return asked.attempt.why_ended();
  if (!found) co_return std::move(found).error();
  if (!*found) co_return Waited();
  Resident& resident = **found;
  ModelWait wait(asked.request.execution, resident, asked.attempt.cancellation);
  if (std::optional<ModelLease> there = wait.begin()) co_return Waited{&resident, *std::move(there)};
  if (!asked.request.asked_by.empty()) server.scheduler().end_holds(asked.request.asked_by);
  WaitReport report(asked, resident, wait);
  while (!wait.is_over()) {
    report.tell();
    ModelWait::Event event(wait);
    co_await event;
  }
  report.end();
  std::optional<Result<ModelLease>> lease = wait.take();
  if (!lease) co_return too_late() ? server.scheduler().too_late(resident.id) : asked.attempt.why_ended();
  if (*lease) co_return Waited{&resident, **std::move(lease)};
  if (lease->error().code != ErrorCode::forbidden) co_return std::move(*lease).error();
  server.leave_alone(lease->error());
  co_return Waited();
}

void Residents::preload(const std::stop_token& stop) const {
  const LogCallback& log = configuration_.providers->log();
  for (const ModelConfig& alias : configuration_.config->models) {
    if (!alias.preload || stop.stop_requested()) continue;
    const auto report = [&](const Error& error) {
      if (!stop.stop_requested() && log)
        log(Severity::warning, alias.provider, "'" + alias.alias + "' can't be preloaded: " + error.message);
    };
    const Result<ResolvedModel> model = configuration_.registry->resolve(alias.alias, stop);
    if (!model) {
      report(model.error());
      continue;
    }
    for (const calls::Server& server : (*configuration_.providers->find(model->provider))->servers().all())
      if (ManagedServer* const managed = find(server); managed && managed->manages(*model))
        if (const auto found = managed->find_out(*model, model->load, stop); !found) report(found.error());
  }
}

Result<LoadedModel> Residents::load(const calls::Server& server, const ResolvedModel& model,
                                    const LoadSettings& settings, std::stop_token stop,
                                    const std::function<Result<LoadedModel>(const GotFurther&)>& load) const {
  const auto nobody_waits = [](double) {};
  ManagedServer* const managed = find(server);
  if (!managed || !managed->manages(model)) return load(nobody_waits);
  TACHIKOMA_TRY(Resident* const resident, managed->find_out(model, settings, stop));
  if (!resident) return load(nobody_waits);
  std::optional<Result<LoadedModel>> loaded;
  const auto load_here = [&]() -> Result<ModelLoader::Loaded> {
    managed->note_progress(*resident, 0);
    loaded.emplace(load([&](double fraction) { managed->note_progress(*resident, fraction); }));
    if (!*loaded) return loaded->error();
    return managed->note_loaded(*resident, **loaded, stop);
  };
  const Status done = managed->scheduler().load_here(resident->id, stop, load_here);
  if (loaded && (*loaded || !done)) return *std::move(loaded);
  if (!done) return done.error();
  (void)load_here();  // one more of them
  return *std::move(loaded);
}

Status Residents::unload(const calls::Server& server, const std::string& key,
                         const std::vector<std::string>& instances, std::stop_token stop,
                         const std::function<Status()>& unload) const {
  ManagedServer* const managed = find(server);
  if (!managed) return unload();
  Resident* const resident = managed->find(key);
  const auto unload_unused = [&] { return managed->unload_unused(instances, stop, unload); };
  if (!resident) return unload_unused();
  Status done = managed->scheduler().unload_here(resident->id, stop, [&] {
    resident->shared.keep(false);
    return unload_unused();
  });
  managed->note_unloaded(*resident);
  managed->doubt();  // it may have other instances
  return done;
}

void Residents::add_use(const calls::Server& server, ModelStatus& status) const {
  ManagedServer* const managed = find(server);
  Resident* const resident = managed && managed->is_exclusive() ? managed->find(status.key) : nullptr;
  if (!resident) return;
  const Schedule::Facts facts = managed->scheduler().facts(resident->id);
  const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(managed->now() - facts.last_used);
  const auto ttl = std::chrono::duration_cast<std::chrono::milliseconds>(facts.ttl);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  status.ttl = {ttl, Source::measured,
                ttl.count() > 0 ? "this program unloads it" : "it stays until it is unloaded"};
  status.last_used = {now - idle, Source::measured,
                      facts.leases > 0 ? "when it was asked last" : "when its last request ended"};
  if (!status.extra.is_object()) status.extra = Value::object();
  status.extra.set("requests", static_cast<std::int64_t>(facts.leases));
}

}  // namespace tachikoma::models
