// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <mutex>
#include <vector>

#include "calls/configured_provider.hpp"
#include "models/instance_records.hpp"
#include "models/managed_server.hpp"
#include "tachikoma/memory_report.hpp"

namespace tachikoma::models {

/// The memories in which a runtime keeps models, and the servers that keep them there. They exist as long as
/// the runtime, however it is configured. Thread-safe.
///
/// The servers of this machine share its memory; any other has one of its own.
class Machines {
 public:
  /// `timer` must outlive it.
  Machines(const MemoryConfig& memory, Timer& timer, LogCallback log);
  Machines(const Machines&) = delete;
  Machines& operator=(const Machines&) = delete;

  void configure(const MemoryConfig& memory);
  /// The server, which is managed from now on. One thread at a time.
  ManagedServer& manage(const calls::ConfiguredProvider& provider, const calls::Server& server);
  MemoryReport explain() const;

 private:
  std::vector<MachineModels*> all() const;
  std::vector<ManagedServer*> servers();

  Timer& timer_;
  const LogCallback log_;
  InstanceRecords records_;
  mutable std::mutex mutex_;  // guards what follows; what is in the lists stays there
  MemoryConfig memory_;
  std::deque<ManagedServer> servers_;
  mutable std::deque<MachineModels> machines_;  // this one is first; last: their threads use the servers
};

}  // namespace tachikoma::models
