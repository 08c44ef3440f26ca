// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include "common/call_scope.hpp"
#include "common/wakeup.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;
};

/// Finds the addresses of host names. The system's look-up can't be interrupted, so it runs in a thread of
/// its own, and a cancelled call leaves it behind. [thread-safe]
class Resolver {
 public:
  Resolver() = default;
  /// Waits for look-ups that were left behind.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Every address of `host`, in the order to try them; both loopback addresses for "localhost". Fails with
  /// `unreachable`, and with `cancelled` or `timeout` as the scope says. `cancelled` is set on cancellation.
  Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                             const CallScope& scope, const Wakeup& cancelled);

 private:
  struct Job;
  void leave_behind(std::thread thread, std::shared_ptr<Job> job);

  struct Left {
    std::thread thread;
    std::shared_ptr<Job> job;
  };
  std::mutex mutex_;
  std::vector<Left> left_;
};

}  // namespace tachikoma::kit
