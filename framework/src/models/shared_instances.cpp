// SPDX-License-Identifier: MIT
#include "models/shared_instances.hpp"

#include <algorithm>
#include <utility>

namespace tachikoma::models {

SharedInstances::~SharedInstances() { leave_all(); }

bool SharedInstances::enter() {
  const std::lock_guard lock(mutex_);
  if (uses_ == 0 && !enter_all()) return false;
  ++uses_;
  return true;
}

void SharedInstances::leave() {
  const std::lock_guard lock(mutex_);
  if (--uses_ == 0 && !kept_) leave_all();
}

void SharedInstances::keep(bool kept) {
  const std::lock_guard lock(mutex_);
  kept_ = kept;
  if (kept_)
    enter_all();  // if not, the next request finds out
  else if (uses_ == 0)
    leave_all();
}

// With the lock, as the two below.
bool SharedInstances::enter_all() {
  for (Instance& each : instances_) {
    if (!each.record || each.entered) continue;
    each.entered = each.record->enter();
    if (each.entered) continue;
    if (!used()) leave_all();
    return false;
  }
  return true;
}

void SharedInstances::leave_all() {
  for (Instance& each : instances_)
    if (std::exchange(each.entered, false)) each.record->leave();
}

bool SharedInstances::all_ours() const {
  return std::all_of(instances_.begin(), instances_.end(),
                     [](const Instance& each) { return each.own || each.record; });
}

void SharedInstances::add(const std::string& id, Record record) {
  const std::lock_guard lock(mutex_);
  std::erase_if(instances_, [&](const Instance& each) {
    if (each.id != id) return false;
    if (each.entered) each.record->leave();
    return true;
  });
  instances_.push_back({id, true, std::move(record)});
  if (used()) enter_all();
}

bool SharedInstances::update(const std::vector<std::string>& ids,
                             const std::map<std::string, Record>& records) {
  const std::lock_guard lock(mutex_);
  std::vector<Instance> now;
  bool adopted = false;
  for (const std::string& id : ids) {
    const auto record = records.find(id);
    Instance instance{id, false, record == records.end() ? nullptr : record->second};
    const auto known = std::find_if(instances_.begin(), instances_.end(),
                                    [&](const Instance& each) { return each.id == id; });
    if (known != instances_.end() &&
        known->record == instance.record) {  // else it was loaded by others since
      instance.own = known->own;
      instance.entered = std::exchange(known->entered, false);
    } else {
      adopted = adopted || instance.record;
    }
    now.push_back(std::move(instance));
  }
  leave_all();
  instances_ = std::move(now);
  if (used()) enter_all();
  return adopted;
}

bool SharedInstances::are_ours() const {
  const std::lock_guard lock(mutex_);
  return all_ours();
}

std::vector<SharedInstances::Record> SharedInstances::adopted() const {
  const std::lock_guard lock(mutex_);
  std::vector<Record> records;
  for (const Instance& each : instances_)
    if (!each.own && each.record) records.push_back(each.record);
  return records;
}

Status SharedInstances::take() {
  const std::lock_guard lock(mutex_);
  if (!all_ours()) return Error(ErrorCode::model_lost, "another program has loaded it since");
  leave_all();
  for (const Instance& each : instances_) {
    const InstanceRecord::Taken taken = each.record ? each.record->take() : InstanceRecord::Taken::yes;
    if (taken == InstanceRecord::Taken::yes) continue;
    const bool in_use = taken == InstanceRecord::Taken::in_use;
    const std::string who = other_program(*each.record);
    for (const Instance* before = instances_.data(); before != &each; ++before)
      if (before->record) before->record->give_back();
    if (used()) enter_all();
    if (in_use) return Error(ErrorCode::overloaded, who + " uses '" + each.id + "'");
    return Error(ErrorCode::model_lost, "another program has unloaded '" + each.id + "'");
  }
  return Done{};
}

void SharedInstances::give_back() {
  const std::lock_guard lock(mutex_);
  for (const Instance& each : instances_)
    if (each.record) each.record->give_back();
  if (used()) enter_all();
}

void SharedInstances::clear() {
  const std::lock_guard lock(mutex_);
  leave_all();
  for (const Instance& each : instances_)
    if (each.record) each.record->remove();
  instances_.clear();
}

bool SharedInstances::wait_until_untaken(const std::stop_token& stop) {
  std::vector<Record> records;
  {
    const std::lock_guard lock(mutex_);
    for (const Instance& each : instances_)
      if (each.record) records.push_back(each.record);
  }
  return std::all_of(records.begin(), records.end(),
                     [&](const Record& each) { return models::wait_until_untaken(*each, stop); });
}

}  // namespace tachikoma::models
