// SPDX-License-Identifier: MIT
#include "models/machines.hpp"

#include <utility>

namespace tachikoma::models {

Machines::Machines(const MemoryConfig& memory, Timer& timer, LogCallback log)
    : timer_(timer), log_(std::move(log)), records_(log_), memory_(memory) {
  machines_.emplace_back(memory_, true, timer_, log_);
}

std::vector<MachineModels*> Machines::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<MachineModels*> all;
  for (MachineModels& each : machines_) all.push_back(&each);
  return all;
}

std::vector<ManagedServer*> Machines::servers() {
  const std::lock_guard lock(mutex_);
  std::vector<ManagedServer*> servers;
  for (ManagedServer& each : servers_) servers.push_back(&each);
  return servers;
}

void Machines::configure(const MemoryConfig& memory) {
  {
    const std::lock_guard lock(mutex_);
    memory_ = memory;
  }
  for (MachineModels* const each : all()) each->configure(memory);
}

ManagedServer& Machines::manage(const calls::ConfiguredProvider& provider, const calls::Server& server) {
  for (ManagedServer* const each : servers())
    if (each->is(server)) return *each;
  const std::lock_guard lock(mutex_);
  MachineModels& machine =
      provider.here ? machines_.front() : machines_.emplace_back(memory_, false, timer_, log_);
  return servers_.emplace_back(provider, server, machine, timer_, log_, records_);
}

}  // namespace tachikoma::models
