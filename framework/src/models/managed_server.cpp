// SPDX-License-Identifier: MIT
#include "models/managed_server.hpp"

#include <algorithm>
#include <utility>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "calls/retry.hpp"
#include "models/model_lists.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

/// For how long what is known of a server's memory is trusted, if others load and unload there too.
constexpr std::chrono::seconds kTrusted{2};
/// Lists that are read again because something was loaded or unloaded meanwhile.
constexpr int kMostReadings = 10;

// All instances of a model; a server that does not tell them apart has one of that name.
std::vector<std::string> instances_of(const ModelInfo& listed) {
  std::vector<std::string> ids;
  for (const ModelInstance& each : listed.instances) ids.push_back(each.id);
  if (ids.empty() && listed.state == ModelState::loaded) ids.push_back(listed.key);
  return ids;
}

std::vector<std::string> instances_in(const std::vector<ModelInfo>& listed) {
  std::vector<std::string> all;
  for (const ModelInfo& info : listed)
    for (std::string& each : instances_of(info)) all.push_back(std::move(each));
  return all;
}

}  // namespace

ManagedServer::ManagedServer(const calls::ConfiguredProvider& provider, const calls::Server& server,
                             MachineModels& machine, Timer& timer, const LogCallback& log,
                             InstanceRecords& records)
    : provider_(provider.id),
      url_(server.url()),
      machine_(machine),
      timer_(timer),
      log_(log),
      records_(records),
      exclusive_(provider.capability<ModelManager>()->owns_its_models()),
      managed_(exclusive_ ? Managed::yes : Managed::unknown) {}

bool ManagedServer::manages(const ResolvedModel& model) const {
  if (managed_ == Managed::no || !model.notice.empty()) return false;
  return exclusive_ || model.owner == ModelOwner::managed;
}

Resident* ManagedServer::find_current(const ResolvedModel& model) const {
  if (managed_ != Managed::yes || doubted_) return nullptr;
  Resident* const found = find(model.key);
  if (!found || exclusive_) return found;
  return now() - std::max(found->seen.load(), read_at_.load()) < kTrusted ? found : nullptr;
}

Resident* ManagedServer::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = residents_.find(key);
  return found == residents_.end() ? nullptr : found->second;
}

Result<Resident*> ManagedServer::find_out(const ResolvedModel& model, const LoadSettings& load,
                                          std::stop_token stop) {
  if (managed_ == Managed::unknown) {
    TACHIKOMA_TRY(const auto as, configured());
    const Result<bool> able = calls::call_provider<bool>(
        *as->all.providers, as->question(), stop, calls::Counts::no, [](const calls::PluginCall& call) {
          return call.server.capability<ModelManager>()->applies_settings(call.context);
        });
    if (!able && able.error().code != ErrorCode::unsupported) return able.error();
    managed_ = able ? Managed::yes : Managed::no;
  }
  if (managed_ == Managed::no) return nullptr;
  if (!find_current(model) && (!exclusive_ || doubted_)) TACHIKOMA_TRY_STATUS(read(stop));
  if (managed_ == Managed::no) return nullptr;
  Resident& resident = find_or_add(model.key);
  const Schedule::Facts facts = scheduler().facts(resident.id);
  if (facts.state == Schedule::State::absent || facts.state == Schedule::State::unloading || facts.dismissed)
    prepare_load(resident, model, load, std::move(stop));
  return &resident;
}

void ManagedServer::prepare_load(Resident& resident, const ResolvedModel& model, const LoadSettings& load,
                                 std::stop_token stop) {
  {
    const std::lock_guard lock(resident.mutex);
    resident.alias = model.alias;
    if (resident.load == load) return;
    resident.load = load;
  }
  Schedule::Rules rules = rules_of(resident.key);
  rules.needs = estimate(resident.key, load, std::move(stop));
  scheduler().change(resident.id, std::move(rules));
}

// An unknown instance was loaded by the server itself, because ours is gone.
void ManagedServer::note_served(Resident& resident, const std::string& instance) {
  resident.seen = now();
  if (exclusive_ || instance.empty() || instance == resident.key) return;
  const std::lock_guard lock(resident.mutex);
  const auto& known = resident.instances;
  if (instance.starts_with(resident.key + ":") &&
      std::find(known.begin(), known.end(), instance) == known.end())
    doubt();
}

std::vector<std::string> ManagedServer::names_of(const std::vector<Schedule::ModelId>& models) const {
  const std::vector<const Resident*> all = machine_.all();
  return base::texts_of(
      models, [&](Schedule::ModelId id) { return all[id]->server.provider() + "::" + all[id]->key; });
}

void ManagedServer::leave_alone(const Error& why) {
  if (managed_.exchange(Managed::no) == Managed::no) return;
  log(Severity::warning, "this runtime leaves its models alone: " + why.message +
                             "; the server loads and unloads them as it likes");
}

// Where a load or an unload of ours has ended meanwhile, the list may show the time before it. Where another
// program has unloaded a model meanwhile, its record is gone, and in the list it looks like nobody's.
Status ManagedServer::read(std::stop_token stop) {
  TACHIKOMA_TRY(const auto as, configured());
  const std::string server = address();
  for (int left = kMostReadings;; --left) {
    const std::uint64_t changes = changes_;
    const auto changed_at = records_.changed_at(server);
    doubted_ = false;
    const auto started = now();
    const auto listed_at = InstanceRecords::Clock::now();
    const Result<std::vector<ModelInfo>> listed = as->all.providers->list_models(as->question(), stop);
    if (!listed) {
      doubted_ = true;
      const ModelCatalog* const catalog = as->provider.capability<ModelCatalog>();
      if (!means_no_list(listed.error(), catalog && catalog->lists_every_model())) return listed.error();
      leave_alone(listed.error());
      return Done{};
    }
    const std::vector<std::string> there = instances_in(*listed);
    const auto records = records_.match(server, there, listed_at);
    const bool lacks_records = records.size() < there.size();
    const bool is_old = changes_ != changes || (lacks_records && records_.changed_at(server) != changed_at);
    if (is_old && left > 1) continue;
    if (changes_ == changes) take_over(*listed, records);
    read_at_ = started;
    return Done{};
  }
}

void ManagedServer::take_over(const std::vector<ModelInfo>& listed,
                              const std::map<std::string, SharedInstances::Record>& records) {
  std::map<std::string, std::vector<std::string>, std::less<>> there;
  for (const ModelInfo& info : listed) {
    std::vector<std::string> instances = instances_of(info);
    if (instances.empty()) continue;
    find_or_add(info.key);
    there[info.key] = std::move(instances);
  }
  for (Resident* const each : residents()) {
    const auto found = there.find(each->key);
    take_over(*each, found == there.end() ? std::vector<std::string>() : std::move(found->second), records);
  }
}

void ManagedServer::take_over(Resident& resident, std::vector<std::string> instances,
                              const std::map<std::string, SharedInstances::Record>& records) {
  const bool is_there = !instances.empty();
  if (!exclusive_) share(resident, instances, records);
  {
    const std::lock_guard lock(resident.mutex);
    resident.renamed =
        is_there && std::find(instances.begin(), instances.end(), resident.key) == instances.end();
    resident.instances = std::move(instances);
  }
  if (!is_there)
    scheduler().vanished(resident.id);
  else
    scheduler().appeared(resident.id, exclusive_ || !resident.shared.are_ours());
  if (!exclusive_) scheduler().set_foreign(resident.id, !resident.shared.are_ours());
}

// What it needs, and whether it is preloaded, follows when it is known how it is loaded.
Resident& ManagedServer::find_or_add(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = residents_.find(key);
  if (found != residents_.end()) return *found->second;
  return *residents_.emplace(key, &machine_.add(*this, key, {.name = provider_ + "::" + key})).first->second;
}

std::vector<Resident*> ManagedServer::residents() const {
  const std::lock_guard lock(mutex_);
  std::vector<Resident*> residents;
  for (const auto& [key, resident] : residents_) residents.push_back(resident);
  return residents;
}

void ManagedServer::log(Severity severity, const std::string& text) const {
  if (log_) log_(severity, provider_, text);
}

}  // namespace tachikoma::models
