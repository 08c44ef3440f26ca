// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "common/net/socket.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Connects to the first address that answers; later ones are tried while earlier ones are pending (RFC
/// 8305). Not synchronised.
class ConnectRace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ConnectRace(std::vector<SocketAddress> addresses) : addresses_(std::move(addresses)) {}

  /// Starts the attempts that are due, and waits at most `limit` milliseconds (-1: no limit) until an address
  /// answers, the next is due, or `wakeup` is readable. A closed socket while none has won; an error, its
  /// message the cause alone, once all have failed.
  Result<Socket> step(int limit, int wakeup = -1);

  const std::vector<Socket>& running() const { return running_; }
  /// When the next address is tried; nullopt if there is none.
  std::optional<Clock::time_point> next_start() const;

 private:
  void start_due();
  int wait_limit(int limit) const;

  std::vector<SocketAddress> addresses_;
  std::vector<Socket> running_;
  std::size_t next_ = 0;
  Clock::time_point next_start_{};
  Error last_failure_{ErrorCode::unreachable, "it has no address"};
};

}  // namespace tachikoma::kit
