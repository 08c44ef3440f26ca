// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "runtime/call.hpp"

namespace tachikoma {

class Providers;

/// Hands the log of every server that offers one to the application's log, until it is destroyed.
class ServerLogs {
 public:
  ServerLogs() = default;
  ~ServerLogs();
  ServerLogs(const ServerLogs&) = delete;
  ServerLogs& operator=(const ServerLogs&) = delete;

  /// A thread for each server that has a log. `providers` outlives this.
  void follow(const Providers& providers);

 private:
  CallCancellation cancellation_;
  std::vector<std::thread> threads_;
};

}  // namespace tachikoma
