// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "async/escort.hpp"
#include "async/tool_scope.hpp"
#include "calls/configured_provider.hpp"
#include "calls/limiter_permit.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::calls {

/// The part of an application's request that each of its provider calls needs.
struct RequestContext {
  async::Execution execution;
  CallCancellation& cancellation;  ///< cancels all of it: by the caller, the consumer or the clock `total`
  std::string id;                  ///< for logs, monitors and providers
  const LogCallback& log;          ///< receives lines, marked with the provider; may be empty
  std::string asked_by = async::ToolScope::here();  ///< the generation whose tool began it; empty: none

  async::Frames* frames() const { return execution.memory; }
  void write_log(Severity severity, const ConfiguredProvider& provider, const std::string& text) const {
    if (log) log(severity, provider.id, id + ": " + text);
  }
};

/// A call into a provider, for the code that makes it. That code owns what it needs, or uses it only in
/// `pass`: it may run on after its caller has left.
struct PluginCall {
  const ServerComponent& server;
  CallContext context;
  CallClocks& clocks;             ///< use it only in `pass`
  async::Hatch* hatch = nullptr;  ///< null: the call runs on its caller's thread

  /// Runs `event` on the caller's thread; false if the call was cancelled, and it was not run.
  template <class Event>
  bool pass(const Event& event) const {
    if (hatch) return hatch->pass(std::function<void()>(std::cref(event)));
    event();
    return true;
  }
  /// The same for an event that has an answer.
  template <class Event>
  Flow flow_of(const Event& event) const {
    Flow flow = Flow::stop;
    pass([&] { flow = event(); });
    return flow;
  }
};

/// One call to one server of a provider: its permit, its clocks and its cancellation.
class Attempt {
  // the first members: the others use them; an escorted call may need its cancellation for longer
  const std::shared_ptr<CallCancellation> shared_cancellation_;
  CallCancellation own_cancellation_;
  struct PassOn {
    CallCancellation& from;
    CallCancellation& to;
    void operator()() const { to.request(from.reason()); }
  };

 public:
  /// `target` must outlive it.
  Attempt(const RequestContext& request, const CallTarget& target, Server& server);

  /// `call(const PluginCall&)`, a Result<T>: here if the server promises that it returns, else escorted, and
  /// made with a copy of `call`.
  template <class T, class Call>
  Result<T> make(const Call& call);
  CallContext context() { return {cancellation, request_.id, &clocks, load}; }
  /// True once it was cancelled: then `why_ended` is its result, whatever the provider returns.
  bool ended() const { return cancellation.requested(); }
  Error why_ended() const;
  /// The same for a call that got no permit.
  Error why_no_permit() const;
  /// The error of a call that neither returned nor threw.
  Error ended_its_thread() const;

  CallCancellation& cancellation;
  OnCancel<PassOn> on_cancel;
  CallClocks clocks;
  LimiterPermit permit;                ///< await it first
  const LoadSettings* load = nullptr;  ///< of its model; outlives the call

 private:
  void write_off(async::WrittenOff thread);
  std::string loss() const;

  const RequestContext& request_;
  const CallTarget& target_;
  Server& server_;
  std::optional<async::WrittenOff> written_off_;
};

/// Whether it is the error of a call whose thread was written off.
inline bool names_lost_thread(const Error& error) { return !error.detail["written_off_thread"].is_null(); }

/// Everything that an escorted call needs.
template <class T, class Call>
struct EscortedCall {
  const Call call;
  const ServerComponent server;
  const std::string request_id;
  const std::optional<LoadSettings> load;
  CallClocks& clocks;
  const std::shared_ptr<async::Hatch> hatch;
  std::optional<Result<T>> result = {};

  void run() {
    const CallContext context{hatch->cancellation(), request_id, hatch.get(), load ? &*load : nullptr};
    result.emplace(call(PluginCall{server, context, clocks, hatch.get()}));
  }
};

template <class T, class Call>
Result<T> Attempt::make(const Call& call) {
  if (server_.returns()) return call(PluginCall{server_.component(), context(), clocks});
  using Made = EscortedCall<T, Call>;
  const auto made = std::make_shared<Made>(
      Made{call, server_.component(), request_.id, load ? std::optional(*load) : std::nullopt, clocks,
           std::make_shared<async::Hatch>(shared_cancellation_, &clocks)});
  if (const auto lost = async::escort(request_.execution.timer, made->hatch, [made] { made->run(); })) {
    write_off(*lost);
    return why_ended();
  }
  if (!made->result) return ended_its_thread();
  return *std::move(made->result);
}

}  // namespace tachikoma::calls
