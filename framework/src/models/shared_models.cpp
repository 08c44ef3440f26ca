// SPDX-License-Identifier: MIT
// What programs of this user know of each other's models on a server that outlives them.
#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "calls/retry.hpp"
#include "models/managed_server.hpp"
#include "models/memory.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"

namespace tachikoma::models {

// As it is configured; one that is searched for says itself where it is.
std::string ManagedServer::address() {
  if (exclusive_ || !records_.are_kept()) return {};
  {
    const std::lock_guard lock(mutex_);
    if (!address_.empty()) return address_;
  }
  const auto as = configured();
  if (!as) return {};
  std::string url = url_;
  for (const ProviderConfig& each : (*as)->all.config->providers)
    if (url.empty() && each.id == provider_) url = each.settings["base_url"].as_string();
  if (url.empty() || url == "auto") {
    if (!(*as)->server.capability<HealthCheck>()) return {};
    const Result<Health> health = calls::call_provider<Health>(
        *(*as)->all.providers, (*as)->question(), {}, calls::Counts::no, [](const calls::PluginCall& call) {
          return call.server.capability<HealthCheck>()->check_health(call.context);
        });
    if (!health) return {};
    url = health->base_url;
  }
  const std::lock_guard lock(mutex_);
  return address_ = recorded_address(std::move(url));
}

// What becomes ours to unload is subject to the rules of this configuration from then on.
void ManagedServer::share(Resident& resident, const std::vector<std::string>& instances,
                          const std::map<std::string, SharedInstances::Record>& records) {
  if (!resident.shared.update(instances, records)) return;
  Schedule::Rules rules = rules_of(resident.key);
  resident.shared.keep(rules.pin || rules.preload);
  rules.needs = scheduler().facts(resident.id).needs;
  scheduler().change(resident.id, std::move(rules));
}

std::string expected_instance(const LoadRequest& load) { return load.settings.identifier.value_or(load.key); }

RecordedInstance ManagedServer::described(const LoadRequest& load, const std::string& instance) {
  const auto never = std::chrono::milliseconds(0);
  return {.server = address(), .key = load.key, .id = instance, .ttl = load.settings.ttl.value_or(never)};
}

// Another program may load it as well, or has.
Announcement ManagedServer::announce(const LoadRequest& load, const std::string& instance,
                                     const std::stop_token& stop) {
  const RecordedInstance described = this->described(load, instance);
  return described.server.empty() ? Announcement() : Announcement(records_.join_or_write(described, stop));
}

LoadSeenByOthers ManagedServer::begin_load(const LoadRequest& wanted, const std::stop_token& stop) {
  const RecordedInstance described = this->described(wanted, expected_instance(wanted));
  if (described.server.empty()) return {};
  RunningLoad running = records_.begin_load(described.server, stop);  // first: who sees the record can wait
  return {std::move(running), Announcement(records_.write(described, stop))};
}

bool ManagedServer::wait_for_loads(const std::stop_token& stop) {
  const std::string server = address();
  return !server.empty() && records_.wait_for_loads(server, stop);
}

// Whether nothing is in its memory, as far as known.
bool ManagedServer::is_empty() const {
  const std::vector<Resident*> known = residents();
  return std::none_of(known.begin(), known.end(), [](const Resident* each) { return has_instances(*each); });
}

// What is there after that is told to the schedule, which knows whether it may leave. If nothing is, the load
// was refused because of what has left since: what was there before it, or another program has loaded.
bool ManagedServer::is_worth_a_retry(const Resident& refused, bool was_alone, bool others_loaded,
                                     const std::stop_token& stop) {
  if (address().empty()) return false;
  others_loaded = wait_for_loads(stop) || others_loaded;
  if (!read(stop)) return false;
  return has_instances(refused) || ((others_loaded || !was_alone) && is_empty());
}

std::optional<InstanceUse> ManagedServer::use(Resident& resident) {
  if (exclusive_) return InstanceUse();
  if (!resident.shared.enter()) return std::nullopt;
  return InstanceUse(resident.shared);
}

void ManagedServer::wait_until_gone(Resident& resident, const std::stop_token& stop) {
  if (!resident.shared.wait_until_untaken(stop)) return;
  doubt();
  scheduler().vanished(resident.id);
}

Status ManagedServer::take_to_unload(Resident& resident) {
  Status taken = resident.shared.take();
  if (!taken && taken.error().code == ErrorCode::model_lost) {
    TACHIKOMA_TRY_STATUS(read({}));
    taken = resident.shared.take();
  }
  if (!taken) return taken;
  Status checked = check_adopted(resident);
  if (checked) return checked;
  resident.shared.give_back();
  TACHIKOMA_TRY_STATUS(read({}));
  return checked;
}

// Somebody may have unloaded it and loaded another of that name since: what nobody recorded is not ours. Once
// it is taken: while its loader still works on it, it is not yet what it will be.
Status ManagedServer::check_adopted(Resident& resident) {
  const std::vector<SharedInstances::Record> adopted = resident.shared.adopted();
  if (adopted.empty()) return Done{};
  TACHIKOMA_TRY(const auto as, configured());
  const calls::CallTarget target = as->question();
  calls::BlockingRequest request(*as->all.providers, target, {});
  TACHIKOMA_TRY(const std::vector<ModelStatus> there, loaded_on(request, target));
  Status checked = Done{};
  for (const SharedInstances::Record& record : adopted) {
    const RecordedInstance& said = record->instance();
    const auto status = std::find_if(there.begin(), there.end(),
                                     [&](const ModelStatus& each) { return each.instance == said.id; });
    if (status == there.end() || !status->ttl || status->ttl.value == said.ttl) continue;
    record->remove();
    checked = Error(ErrorCode::model_lost, "another program has loaded '" + said.id + "' since");
  }
  if (!checked) resident.shared.keep(false);
  return checked;
}

Status ManagedServer::unload_unused(const std::vector<std::string>& instances, const std::stop_token& stop,
                                    const std::function<Status()>& unload) {
  const std::string server = address();
  if (server.empty()) return unload();
  const auto on_wait = [&](const InstanceRecord& record) {
    log(Severity::warning, "'" + record.instance().id + "' is unloaded when " + other_program(record) +
                               " does not use it any more");
  };
  TACHIKOMA_TRY(const std::vector<InstanceRecords::Record> taken,
                records_.take(server, instances, stop, on_wait));
  Status done = unload();
  records_.note_unloaded(server);
  for (const InstanceRecords::Record& each : taken)
    if (done)
      each->remove();
    else
      each->give_back();
  return done;
}

}  // namespace tachikoma::models
