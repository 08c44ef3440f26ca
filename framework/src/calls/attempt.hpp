// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "calls/configured_provider.hpp"
#include "calls/limiter_permit.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::calls {

/// One request of the application, as far as each call that it needs must know it.
struct RequestContext {
  async::Execution execution;
  CallCancellation& cancellation;  ///< ends all of it: the caller, the consumer, the clock `total`
  std::string id;                  ///< for logs, monitors and providers
  /// Says what happens, marked with the provider; may be empty.
  LogCallback log = {};

  void say(Severity severity, const ConfiguredProvider& provider, const std::string& text) const {
    if (log) log(severity, provider.id, id + ": " + text);
  }
};

/// One call of a provider on one of its servers: its permit there, its clocks, and what may end it.
class Attempt {
  struct PassOn {
    CallCancellation& from;
    CallCancellation& to;
    void operator()() const { to.request(from.reason()); }
  };

 public:
  /// `target` outlives it.
  Attempt(const RequestContext& request, const CallTarget& target, Server& server);

  CallContext context() { return {cancellation, request_.id, &clocks, load}; }
  /// It should end, or did: then `why_ended` is what it came to, whatever the provider made of that.
  bool ended() const { return cancellation.requested(); }
  Error why_ended() const;
  /// The same before its permit came.
  Error why_no_permit() const;

  CallCancellation cancellation;
  OnCancel<PassOn> on_cancel;
  CallClocks clocks;
  LimiterPermit permit;                ///< to be waited for first
  const LoadSettings* load = nullptr;  ///< of its model; outlives the call

 private:
  const RequestContext& request_;
  const CallTarget& target_;
};

}  // namespace tachikoma::calls
