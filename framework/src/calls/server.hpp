// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "calls/instances.hpp"
#include "calls/limiter.hpp"
#include "tachikoma/plugin/capability/prompt_return.hpp"
#include "tachikoma/plugin/provider.hpp"

namespace tachikoma::calls {

/// A provider component, made for one server.
struct ServerComponent {
  std::shared_ptr<Provider> provider;
  std::string url = {};      ///< for messages; empty when the provider has only one server
  std::string address = {};  ///< for monitors, without secrets; empty: its plugin finds or starts it

  /// The capability of that interface, or null.
  template <class Interface>
  Interface* capability() const {
    return static_cast<Interface*>(provider->capability(Interface::kId));
  }
};

/// One server of a provider: its component, its limits, its health, and the models that it has
/// in memory.
class Server {
 public:
  Server(ServerComponent component, const CallLimits& limits, Timer& timer)
      : limiter(limits, timer),
        component_(std::move(component)),
        returns_(component_.capability<PromptReturn>() != nullptr) {}

  Provider& provider() const { return *component_.provider; }
  const std::string& url() const { return component_.url; }
  /// The capability of that interface, or null.
  template <class Interface>
  Interface* capability() const {
    return component_.capability<Interface>();
  }
  const ServerComponent& component() const { return component_; }
  /// Whether its calls promise to return; else they are escorted.
  bool returns() const { return returns_; }

  Limiter limiter;
  Instances instances;

 private:
  friend class Servers;
  struct Health {
    int outstanding = 0;
    std::optional<Timer::Clock::time_point> ejected;  // since when; absent: it is healthy
    bool probed = false;                              // a call is probing whether it is back
  };

  const ServerComponent component_;
  const bool returns_;
  Health health_;  // guarded by the lock of `Servers`
};

}  // namespace tachikoma::calls
