// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "calls/clocks.hpp"
#include "calls/servers.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::calls {

/// Time limits and retries of calls, and bounds on answers.
struct CallPolicy {
  ClockLimits clocks = {};
  RetryPolicy retry = {};
  AnswerLimits answer = {};
};

/// What a provider is made from.
struct ProviderSetup {
  std::string id;
  std::vector<ServerComponent> components;  ///< one per server; at least one
  std::shared_ptr<Servers> servers = {};    ///< of an earlier provider with these components and limits
  CallPolicy policy = {};
  LoadSettings load = {};
  GenerationSettings inference = {};
  CallLimits limits = {};
  std::chrono::milliseconds eject_for{10'000};
  std::string plugin = {};
  bool here = false;  ///< its servers are on this machine, as far as their addresses tell
  std::function<void()> before_call =
      {};  ///< called before each call to it, on any thread; cheap; may be empty
};

/// A provider of the config, ready to be called. Immutable, except for the state of its servers.
class ConfiguredProvider {
 public:
  ConfiguredProvider(ProviderSetup setup, Timer& timer)
      : id(std::move(setup.id)),
        plugin(std::move(setup.plugin)),
        here(setup.here),
        policy(setup.policy),
        load(std::move(setup.load)),
        inference(std::move(setup.inference)),
        before_call(std::move(setup.before_call)),
        servers_(setup.servers ? std::move(setup.servers)
                               : std::make_shared<Servers>(std::move(setup.components), setup.eject_for,
                                                           setup.limits, timer)) {}

  const std::string id;
  const std::string plugin;
  const bool here;
  const CallPolicy policy;
  const LoadSettings load;
  const GenerationSettings inference;
  const std::function<void()> before_call;

  Servers& servers() const { return *servers_; }
  const std::shared_ptr<Servers>& shared_servers() const { return servers_; }
  /// The capability with that interface, or null; the same for all of its servers.
  template <class Interface>
  Interface* capability() const {
    return servers_->first().template capability<Interface>();
  }
  /// `unsupported` unless it offers `Interface`: "provider 'x' can't " and what that is for.
  template <class Interface>
  Status check_able(const char* ability) const {
    if (capability<Interface>()) return Done{};
    return Error(ErrorCode::unsupported, "provider '" + id + "' can't " + ability);
  }

 private:
  const std::shared_ptr<Servers> servers_;  // thread-safe
};

/// The target of a call, and its policy.
struct CallTarget {
  // implicit: a provider stands for any of its servers, under its own policy
  CallTarget(const ConfiguredProvider& of) : provider(&of), policy(of.policy) {}

  /// That server alone.
  CallTarget on(Server& only) const {
    CallTarget target = *this;
    target.server = &only;
    return target;
  }
  /// For a question about its servers.
  CallTarget question() const {
    CallTarget target = *this;
    target.policy.clocks = question_limits(policy.clocks);
    return target;
  }
  /// Without retries.
  CallTarget once() const {
    CallTarget target = *this;
    target.policy.retry.attempts = 1;
    return target;
  }

  const ConfiguredProvider* provider;
  CallPolicy policy;
  Server* server = nullptr;  ///< null: whichever of the provider's is chosen
};

/// The error of a cancelled call, whatever the provider returned.
Error cancelled_error(CancelReason reason, const CallTarget& target);

}  // namespace tachikoma::calls
