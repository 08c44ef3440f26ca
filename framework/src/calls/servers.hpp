// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calls/limiter.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma::policy {

/// A provider component on one server.
struct Server {
  std::shared_ptr<Provider> provider;
  std::string url = {};  ///< for messages; empty when the provider has only one
};

/// One of the servers of a provider. Its numbers are its owner's, under the owner's lock.
class Endpoint {
 public:
  Endpoint(Server server, const CallLimits& limits, Timer& timer)
      : limiter(limits, timer), server_(std::move(server)) {}

  Provider& provider() const { return *server_.provider; }
  const std::string& url() const { return server_.url; }
  /// The capability of that interface, or null.
  template <class Interface>
  Interface* capability() const {
    return static_cast<Interface*>(provider().capability(Interface::kId));
  }

  Limiter limiter;

 private:
  friend class Endpoints;
  const Server server_;
  int outstanding_ = 0;
  std::optional<Timer::Clock::time_point> ejected_;  // when; absent: it is healthy
  bool probed_ = false;                              // one call finds out whether it is back
};

/// What a call found out about its server.
enum class Verdict : std::uint8_t {
  reached,
  unreachable,
  unknown,  ///< it was ended before it could tell
};

class Endpoints;

/// A call on its way to an endpoint.
class Visit {
 public:
  Visit(Endpoints& endpoints, Endpoint& endpoint, bool probe)
      : endpoints_(&endpoints), endpoint_(&endpoint), probe_(probe) {}
  Visit(Visit&& other) noexcept
      : endpoints_(std::exchange(other.endpoints_, nullptr)),
        endpoint_(other.endpoint_),
        probe_(other.probe_) {}
  Visit& operator=(Visit&&) = delete;  // one ends before another begins
  ~Visit() { end(Verdict::unknown); }

  Endpoint& endpoint() const { return *endpoint_; }
  /// It ended. True when the endpoint is left out from now on.
  bool end(Verdict verdict, Timer::Clock::time_point now = Timer::Clock::now());

 private:
  Endpoints* endpoints_;
  Endpoint* endpoint_;
  bool probe_;  // it finds out whether the endpoint is back
};

/// The servers of one provider: who is asked next. Thread-safe.
///
/// The one with the fewest calls. One that can't be reached is left out for a time; then one call at a time
/// finds out whether it is back. When all are left out, the one that has been for the longest is asked.
class Endpoints {
 public:
  using Clock = Timer::Clock;
  Endpoints(std::vector<Server> servers, std::chrono::milliseconds eject_for, const CallLimits& limits,
            Timer& timer);

  Endpoint& first() { return all_.front(); }
  /// Sends a call that has been at those of `tried` to another. Nothing when the others are left out; never
  /// when `tried` is empty.
  std::optional<Visit> visit(const std::vector<const Endpoint*>& tried, Clock::time_point now = Clock::now());

 private:
  friend class Visit;
  bool may_be_asked(const Endpoint& endpoint, Clock::time_point now) const;
  bool end_visit(Endpoint& endpoint, bool probe, Verdict verdict, Clock::time_point now);

  const std::chrono::milliseconds eject_for_;
  std::mutex mutex_;
  std::deque<Endpoint> all_;
};

}  // namespace tachikoma::policy
