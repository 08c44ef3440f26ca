// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "calls/configured_provider.hpp"
#include "calls/limiter_permit.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::calls {

/// The part of an application's request that each of its provider calls needs.
struct RequestContext {
  async::Execution execution;
  CallCancellation& cancellation;  ///< cancels all of it: by the caller, the consumer or the clock `total`
  std::string id;                  ///< for logs, monitors and providers
  /// Receives log lines, marked with the provider; may be empty.
  LogCallback log = {};

  void write_log(Severity severity, const ConfiguredProvider& provider, const std::string& text) const {
    if (log) log(severity, provider.id, id + ": " + text);
  }
};

/// One call to one server of a provider: its permit, its clocks and its cancellation.
class Attempt {
  struct PassOn {
    CallCancellation& from;
    CallCancellation& to;
    void operator()() const { to.request(from.reason()); }
  };

 public:
  /// `target` must outlive it.
  Attempt(const RequestContext& request, const CallTarget& target, Server& server);

  CallContext context() { return {cancellation, request_.id, &clocks, load}; }
  /// True once it was cancelled: then `why_ended` is its result, whatever the provider returns.
  bool ended() const { return cancellation.requested(); }
  Error why_ended() const;
  /// The same for a call that got no permit.
  Error why_no_permit() const;

  CallCancellation cancellation;
  OnCancel<PassOn> on_cancel;
  CallClocks clocks;
  LimiterPermit permit;                ///< await it first
  const LoadSettings* load = nullptr;  ///< of its model; outlives the call

 private:
  const RequestContext& request_;
  const CallTarget& target_;
};

}  // namespace tachikoma::calls
