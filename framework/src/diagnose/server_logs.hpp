// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "calls/server.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::diagnose {

/// Passes the logs of a provider's servers on to ours, marked as "lmstudio server", each followed on a thread
/// of its own. Thread-safe.
class ServerLogs {
 public:
  ServerLogs(std::string provider, std::vector<calls::ServerComponent> servers, LogCallback log);
  /// Ends it, and joins.
  ~ServerLogs();
  ServerLogs(const ServerLogs&) = delete;
  ServerLogs& operator=(const ServerLogs&) = delete;

  /// Begins, when it is first called. Cheap.
  void follow();

 private:
  class Follower;
  const std::string provider_;
  const std::vector<calls::ServerComponent> servers_;
  const LogCallback log_;
  std::once_flag begun_;
  std::vector<std::unique_ptr<Follower>> followers_;
};

}  // namespace tachikoma::diagnose
