// SPDX-License-Identifier: MIT
#include "models/machines.hpp"

#include <algorithm>
#include <utility>

namespace tachikoma::models {

Machines::Machines(const MemoryConfig& memory, Timer& timer, LogCallback log)
    : timer_(timer), log_(std::move(log)), records_(log_), memory_(memory) {
  machines_.emplace_back(memory_, true, timer_, log_);
}

void Machines::configure(const MemoryConfig& memory) {
  const std::lock_guard lock(mutex_);
  memory_ = memory;
  for (MachineModels& each : machines_) each.configure(memory);
}

ManagedServer& Machines::manage(const calls::ConfiguredProvider& provider, const calls::Server& server) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(servers_.begin(), servers_.end(),
                                  [&](const ManagedServer& each) { return each.is(server); });
  if (known != servers_.end()) return *known;
  MachineModels& machine =
      provider.here ? machines_.front() : machines_.emplace_back(memory_, false, timer_, log_);
  return servers_.emplace_back(provider, server, machine, timer_, log_, records_);
}

}  // namespace tachikoma::models
