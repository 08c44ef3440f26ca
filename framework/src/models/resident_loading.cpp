// SPDX-License-Identifier: MIT
// How a model gets into the memory of its server, and out of it.
#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "calls/retry.hpp"
#include "models/loading.hpp"
#include "models/managed_server.hpp"
#include "models/memory.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

/// What LM Studio gives the models that it loads for a request. Of other servers none takes it, so it is no
/// promise there.
constexpr std::chrono::hours kDefaultTtl{1};

/// Of one load, although others seem to be the reason.
constexpr int kMostRefusals = 20;

}  // namespace

Result<ModelLoader::Loaded> ManagedServer::load(Resident& resident, std::stop_token stop) {
  Result<ModelLoader::Loaded> loaded = bring_in(resident, stop);
  if (!loaded || loaded->foreign) end_retirement(&resident);
  return loaded;
}

// Somebody else may have loaded it since the list was read. While another program loads it, there is nothing
// to do but wait; while one loads others, the server may have no room for what fits beside them or after
// them.
Result<ModelLoader::Loaded> ManagedServer::bring_in(Resident& resident, const std::stop_token& stop) {
  for (int left = kMostRefusals;;) {
    TACHIKOMA_TRY_STATUS(read(stop));
    LoadRequest wanted{resident.key, {}};
    {
      const std::lock_guard lock(resident.mutex);
      if (!resident.instances.empty()) return ModelLoader::Loaded{.foreign = !resident.shared.are_ours()};
      wanted.settings = resident.load.value_or(LoadSettings{});
    }
    wanted.settings = settings_for(resident, wanted.settings);
    const bool was_alone = is_empty();
    std::optional<LoadSeenByOthers> seen(begin_load(wanted, stop));
    if (!seen->announced) {
      seen.reset();
      if (wait_for_loads(stop)) continue;
      seen.emplace(begin_load(wanted, stop));
    }
    Result<ModelLoader::Loaded> loaded = load_now(resident, wanted, std::move(seen->announced), stop);
    const bool lacks_room = !loaded && loaded.error().code == ErrorCode::insufficient_memory;
    const bool others_loaded = lacks_room && seen->running.saw_others();
    seen.reset();
    if (!lacks_room || --left == 0 || !is_worth_a_retry(resident, was_alone, others_loaded, stop))
      return loaded;
  }
}

Result<ModelLoader::Loaded> ManagedServer::load_now(Resident& resident, const LoadRequest& wanted,
                                                    Announcement announced, const std::stop_token& stop) {
  TACHIKOMA_TRY(const auto as, configured());
  if (!announced) announced = announce(wanted, expected_instance(wanted), stop);
  const calls::Providers& providers = *as->all.providers;
  calls::CallTarget target = as->target();
  target.policy.clocks.total = {};  // whoever waits for it has a clock of its own
  calls::BlockingRequest request(providers, target, stop);
  Relay relay(request);
  const LoadCallback on_event = [&](const LoadEvent& event) {
    if (event.notice.empty()) note_progress(resident, event.fraction);
    return Flow::proceed;
  };
  note_progress(resident, 0);
  Result<LoadedModel> loaded = carry_out({providers, request, target, wanted, on_event, relay, stop});
  if (!loaded || was_loaded_twice(resident, *loaded, stop)) {
    announced.withdraw([&] { return !read(stop) || has_instances(resident); });
    if (!loaded) return std::move(loaded).error();
    return ModelLoader::Loaded{.foreign = !resident.shared.are_ours()};
  }
  for (const UnappliedSetting& each : loaded->unapplied)
    if (each.name != "ttl")  // the schedule applies it
      log(Severity::warning,
          "'" + loaded->instance + "': '" + each.name + "' is not applied: " + each.reason);
  for (const std::string& notice : loaded->notices) log(Severity::warning, notice);
  if (loaded->instance != expected_instance(wanted)) announced = announce(wanted, loaded->instance, stop);
  return note_loaded(resident, *loaded, stop, announced.keep());
}

// In steps of a hundredth.
void ManagedServer::note_progress(Resident& resident, double fraction) {
  constexpr double kStep = 0.01;
  {
    const std::lock_guard lock(resident.mutex);
    LoadTimes& times = resident.times;
    if (fraction == 0) times.begun = now();
    if (fraction > 0 && fraction < times.fraction + kStep) return;
    times.fraction = fraction;
  }
  scheduler().tell_waiters();
}

// Two programs may load a model at the same time: the one whose instance got the model's own name keeps it.
bool ManagedServer::was_loaded_twice(Resident& resident, const LoadedModel& loaded,
                                     const std::stop_token& stop) {
  const bool got_the_name =
      loaded.instance == resident.key || !loaded.instance.starts_with(resident.key + ":");
  if (exclusive_ || got_the_name || !read(stop)) return false;
  {
    const std::lock_guard lock(resident.mutex);
    auto& all = resident.instances;
    if (std::find(all.begin(), all.end(), resident.key) == all.end()) return false;
    std::erase(all, loaded.instance);
  }
  const Status done = unload_instance(loaded.instance);
  if (!done)
    log(Severity::warning, "'" + loaded.instance + "' could not be unloaded: " + done.error().message);
  return true;
}

ModelLoader::Loaded ManagedServer::note_loaded(Resident& resident, LoadedModel& loaded, std::stop_token stop,
                                               SharedInstances::Record record) {
  Schedule::Rules rules = rules_of(resident.key);
  if (!exclusive_) {
    if (!record) records_.remove(address(), loaded.instance);
    resident.shared.add(loaded.instance, std::move(record));
    resident.shared.keep(rules.pin || rules.preload);
  }
  {
    const std::lock_guard lock(resident.mutex);
    resident.instances.push_back(loaded.instance);
    resident.renamed = loaded.instance != resident.key;
    if (loaded.load_time) resident.times.last = loaded.load_time.value;
    if (!loaded.applied.ttl && resident.load) {  // then it is ours to apply
      rules.ttl = resident.load->ttl.value_or(std::chrono::milliseconds(0));
      if (exclusive_) loaded.applied.ttl = resident.load->ttl;
    }
  }
  resident.seen = now();
  ++changes_;
  forget_list();
  rules.needs = scheduler().facts(resident.id).needs;
  scheduler().change(resident.id, std::move(rules));
  return {.took = taken_by(loaded.instance, std::move(stop))};
}

Status ManagedServer::unload(Resident& resident) {
  if (!configured()) {
    note_unloaded(resident);
    return Done{};
  }
  if (!exclusive_) TACHIKOMA_TRY_STATUS(take_to_unload(resident));
  std::vector<std::string> instances;
  {
    const std::lock_guard lock(resident.mutex);
    instances = resident.instances;
  }
  for (const std::string& instance : instances) {
    Status done = unload_instance(instance);
    if (!done && done.error().code != ErrorCode::model_not_found) {
      resident.shared.give_back();
      log(Severity::warning, "'" + instance + "' could not be unloaded: " + done.error().message);
      doubt();
      return done;
    }
  }
  records_.note_unloaded(address());
  resident.shared.clear();
  note_unloaded(resident);
  return Done{};
}

Status ManagedServer::unload_instance(const std::string& instance) const {
  TACHIKOMA_TRY(const auto as, configured());
  return calls::call_provider<Done>(*as->all.providers, as->target().once(), {}, calls::Counts::no,
                                    [instance](const calls::PluginCall& call) {
                                      return call.server.capability<ModelManager>()->unload(instance,
                                                                                            call.context);
                                    });
}

void ManagedServer::note_unloaded(Resident& resident) {
  {
    const std::lock_guard lock(resident.mutex);
    resident.instances.clear();
    resident.renamed = false;
  }
  ++changes_;
  forget_list();
  end_retirement(&resident);
}

// A model that a request brings to LM Studio leaves again, also if this program is gone by then.
LoadSettings ManagedServer::settings_for(const Resident& resident, const LoadSettings& asked) const {
  LoadSettings settings = asked;
  const Schedule::Rules rules = rules_of(resident.key);
  if (!settings.ttl && !exclusive_ && !rules.pin && !rules.preload) settings.ttl = kDefaultTtl;
  return settings;
}

// Of other programs' servers only they know what a model takes, and what it may take.
std::optional<MemoryBytes> ManagedServer::estimate(const std::string& key, const LoadSettings& load,
                                                   std::stop_token stop) {
  if (!exclusive_) return std::nullopt;
  const auto as = configured();
  if (!as) return std::nullopt;
  machine_.measure();
  const Result<MemoryEstimate> needs = calls::call_provider<MemoryEstimate>(
      *(*as)->all.providers, (*as)->question(), std::move(stop), calls::Counts::no,
      [request = LoadRequest{key, load}](const calls::PluginCall& call) {
        return call.server.capability<ModelManager>()->estimate(request, call.context);
      });
  if (!needs || !needs->total_bytes) return std::nullopt;
  std::int64_t total = needs->total_bytes.value;
  if (needs->compute_min_bytes && needs->compute_max_bytes)  // what it takes at least
    total -= needs->compute_max_bytes.value - needs->compute_min_bytes.value;
  std::int64_t vram = needs->vram_bytes ? std::min(needs->vram_bytes.value, total) : 0;
  if (machine_.has_gpus()) return MemoryBytes{total - vram, vram};
  const bool elsewhere = needs->confidence == "low";  // perhaps on other machines: not here, in any case
  return MemoryBytes{elsewhere ? total - vram : total, 0};
}

std::optional<MemoryBytes> ManagedServer::taken_by(const std::string& instance, std::stop_token stop) {
  if (!exclusive_) return std::nullopt;
  const auto as = configured();
  if (!as) return std::nullopt;
  const calls::CallTarget target = (*as)->question();
  calls::BlockingRequest request(*(*as)->all.providers, target, std::move(stop));
  const Result<std::vector<ModelStatus>> all = loaded_on(request, target);
  if (!all) return std::nullopt;
  for (const ModelStatus& each : *all) {
    if (each.instance != instance || !each.memory_bytes) continue;
    const std::int64_t vram = each.vram_bytes ? std::min(each.vram_bytes.value, each.memory_bytes.value) : 0;
    return MemoryBytes{each.memory_bytes.value - vram, machine_.has_gpus() ? vram : 0};
  }
  return std::nullopt;
}

}  // namespace tachikoma::models
