// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "calls/server.hpp"
#include "plugins/log_gate.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::diagnose {

/// Forwards the logs of a provider's servers to ours, marked as "lmstudio server", each followed on a thread
/// of its own. Thread-safe.
class ServerLogs {
 public:
  ServerLogs(std::string provider, std::vector<calls::ServerComponent> servers, LogCallback log);
  /// Stops following, and joins; but a plugin that does not return keeps its thread.
  ~ServerLogs();
  ServerLogs(const ServerLogs&) = delete;
  ServerLogs& operator=(const ServerLogs&) = delete;

  /// Starts following on the first call. Cheap.
  void follow();

 private:
  class Follower;
  const std::string provider_;
  const std::vector<calls::ServerComponent> servers_;
  const std::shared_ptr<plugins::LogGate> log_;
  std::once_flag begun_;
  std::vector<std::unique_ptr<Follower>> followers_;
};

}  // namespace tachikoma::diagnose
