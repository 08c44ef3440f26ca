// SPDX-License-Identifier: MIT
// How a managed server follows the configuration.
#include <algorithm>
#include <utility>

#include "models/managed_server.hpp"

namespace tachikoma::models {
namespace {

// A time to live can change without another load.
bool same_load(LoadSettings a, LoadSettings b) {
  a.ttl.reset();
  b.ttl.reset();
  return a == b;
}

}  // namespace

Result<std::shared_ptr<const ConfiguredServer>> ManagedServer::configured() const {
  const std::lock_guard lock(mutex_);
  if (auto configured = configured_.lock()) return configured;
  return Error(ErrorCode::cancelled, "provider '" + provider_ + "' is not configured any more");
}

Schedule::Rules ManagedServer::rules_of(const std::string& key) const {
  const auto as = configured();
  return as ? models::rules_of((*as)->all, provider_, key) : Schedule::Rules{.name = provider_ + "::" + key};
}

void ManagedServer::forget_list() const {
  if (const auto as = configured()) (*as)->all.registry->forget_list(provider_);
}

bool ManagedServer::is(const calls::Server& server) const {
  const auto as = configured();
  return as && &(*as)->server.provider() == &server.provider();
}

bool ManagedServer::is_ours(const Resident& resident) const {
  const Schedule::Facts facts = scheduler().facts(resident.id);
  return !facts.foreign &&
         (facts.state == Schedule::State::loaded || facts.state == Schedule::State::loading);
}

// What a program has loaded with settings of its own stays.
bool ManagedServer::leaves(const Resident& resident, const Configuration& next) const {
  if (!is_ours(resident)) return false;
  const auto as = configured();
  const std::lock_guard lock(resident.mutex);
  return as && resident.load && same_load(*resident.load, load_for((*as)->all, provider_, resident.alias)) &&
         !same_load(*resident.load, load_for(next, provider_, resident.alias));
}

// Before anything is taken from the new configuration, it is found out what no longer fits it.
void ManagedServer::configure(const std::shared_ptr<const ConfiguredServer>& next) {
  const std::vector<Resident*> all = residents();
  std::vector<Resident*> leaving;
  std::copy_if(all.begin(), all.end(), std::back_inserter(leaving),
               [&](const Resident* each) { return leaves(*each, next->all); });
  {
    const std::lock_guard lock(mutex_);
    configured_ = next;
    retiring_.reset();
  }
  for (Resident* const each : all) follow(*each, next->all);
  for (const Resident* const each : leaving) scheduler().dismiss(each->id);
}

// A server applies the time to live that a model was loaded with; where this runtime does, it can change.
void ManagedServer::follow(Resident& resident, const Configuration& now) {
  const Schedule::Facts facts = scheduler().facts(resident.id);
  Schedule::Rules rules = models::rules_of(now, provider_, resident.key);
  if (!exclusive_ && is_ours(resident)) resident.shared.keep(rules.pin || rules.preload);
  rules.needs = facts.needs;
  rules.ttl = facts.ttl;
  if (exclusive_ && is_ours(resident)) {
    const std::lock_guard lock(resident.mutex);
    const LoadSettings same = load_for(now, provider_, resident.alias);
    if (resident.load && same_load(*resident.load, same)) {
      resident.load = same;
      rules.ttl = same.ttl.value_or(std::chrono::milliseconds(0));
    }
  }
  scheduler().change(resident.id, std::move(rules));
}

void ManagedServer::retire() {
  {
    const std::lock_guard lock(mutex_);
    retiring_ = configured_.lock();
  }
  for (const Resident* const each : residents())
    if (is_ours(*each)) scheduler().dismiss(each->id);
  end_retirement(nullptr);
}

// Once it holds nothing of ours any more, besides `gone`. What is kept may be the last of the server's
// component, which is destroyed without a lock.
void ManagedServer::end_retirement(const Resident* gone) {
  const std::vector<Resident*> all = residents();
  const bool holds_some = std::any_of(all.begin(), all.end(), [&](const Resident* each) {
    const Schedule::Facts facts = scheduler().facts(each->id);
    return each != gone && facts.state != Schedule::State::absent && !facts.foreign;
  });
  std::shared_ptr<const ConfiguredServer> ended;
  const std::lock_guard lock(mutex_);
  if (!holds_some) ended = std::move(retiring_);
}

}  // namespace tachikoma::models
