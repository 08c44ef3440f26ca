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

/// What a call found out about its server.
enum class Verdict : std::uint8_t {
  reached,
  unreachable,
  unknown,  ///< it was ended before it could tell
};

class Servers;

/// A call on its way to a server.
class ServerLease {
 public:
  ServerLease(Servers& servers, Server& server, bool probe)
      : servers_(&servers), server_(&server), probe_(probe) {}
  /// To a server that was not chosen: what comes of it changes nothing for others.
  explicit ServerLease(Server& server) : servers_(nullptr), server_(&server), probe_(false) {}
  ServerLease(ServerLease&& other) noexcept
      : servers_(std::exchange(other.servers_, nullptr)), server_(other.server_), probe_(other.probe_) {}
  ServerLease& operator=(ServerLease&&) = delete;  // one ends before another begins
  ~ServerLease() { end(Verdict::unknown); }

  Server& server() const { return *server_; }
  /// It ended. True when the server is left out from now on.
  bool end(Verdict verdict, Timer::Clock::time_point now = Timer::Clock::now());

 private:
  Servers* servers_;  // null: it ended, or need not be told
  Server* server_;
  bool probe_;  // it finds out whether the server is back
};

/// The servers of one provider: who is asked next. Thread-safe.
///
/// The one with the fewest calls. One that can't be reached is left out for a time; then one call at a time
/// finds out whether it is back. When all are left out, the one that has been for the longest is asked.
class Servers {
 public:
  using Clock = Timer::Clock;
  Servers(std::vector<ServerComponent> components, std::chrono::milliseconds eject_for,
          const CallLimits& limits, Timer& timer);

  Server& first() { return all_.front(); }
  std::deque<Server>& all() { return all_; }
  /// Sends a call that has been at those of `tried` to another. Nothing when the others are left out; never
  /// when `tried` is empty.
  std::optional<ServerLease> lease(const std::vector<const Server*>& tried,
                                   Clock::time_point now = Clock::now());

 private:
  friend class ServerLease;
  bool may_be_asked(const Server& server, Clock::time_point now) const;
  bool end_lease(Server& server, bool probe, Verdict verdict, Clock::time_point now);

  const std::chrono::milliseconds eject_for_;
  std::mutex mutex_;  // guards the health of each server; the list itself is fixed
  std::deque<Server> all_;
};

}  // namespace tachikoma::calls
