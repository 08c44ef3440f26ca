// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "calls/server.hpp"

namespace tachikoma::calls {

/// What a call found out about its server's health.
enum class Verdict : std::uint8_t {
  reached,
  unreachable,
  unknown,  ///< it was ended before it could tell
};

class Servers;

/// A call assigned to a server.
class ServerLease {
 public:
  ServerLease(Servers& servers, Server& server, bool probe)
      : servers_(&servers), server_(&server), probe_(probe) {}
  /// For a given server: the outcome does not affect its health.
  explicit ServerLease(Server& server) : servers_(nullptr), server_(&server), probe_(false) {}
  ServerLease(ServerLease&& other) noexcept
      : servers_(std::exchange(other.servers_, nullptr)), server_(other.server_), probe_(other.probe_) {}
  ServerLease& operator=(ServerLease&&) = delete;  // one ends before another begins
  ~ServerLease() { end(Verdict::unknown); }

  Server& server() const { return *server_; }
  /// It ended. True when the server is left out from now on.
  bool end(Verdict verdict, std::optional<Timer::Clock::time_point> now = {});

 private:
  Servers* servers_;  // null: it has ended, or need not report
  Server* server_;
  bool probe_;  // it probes whether the server is back
};

/// The servers of one provider; chooses one for each call. Thread-safe.
///
/// It chooses the one with the fewest calls. One that can't be reached is ejected for a time; then one call
/// at a time probes whether it is back. If all are ejected, the one ejected longest ago is chosen.
class Servers {
 public:
  using Clock = Timer::Clock;
  Servers(std::vector<ServerComponent> components, std::chrono::milliseconds eject_for,
          const CallLimits& limits, Timer& timer);

  Server& first() { return all_.front(); }
  std::deque<Server>& all() { return all_; }
  /// Chooses a server that is not in `tried`. Nullopt if all others are ejected; never
  /// when `tried` is empty. Without `now`, the clock is read, but only if it matters.
  std::optional<ServerLease> lease(const std::vector<const Server*>& tried,
                                   std::optional<Clock::time_point> now = {});

 private:
  friend class ServerLease;
  bool may_be_asked(const Server& server, std::optional<Clock::time_point> now) const;
  bool end_lease(Server& server, bool probe, Verdict verdict, std::optional<Clock::time_point> now);

  const std::chrono::milliseconds eject_for_;
  std::mutex mutex_;  // guards the health of each server; the list itself is fixed
  std::deque<Server> all_;
};

}  // namespace tachikoma::calls
