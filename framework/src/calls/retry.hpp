// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "async/time_limit.hpp"
#include "base/durations.hpp"
#include "calls/attempt.hpp"
#include "calls/backoff.hpp"
#include "calls/providers.hpp"

namespace tachikoma::calls {

/// What a failure implies about the called server.
Verdict verdict_on(const Error& error);

/// The next untried server; nullopt if there is none.
std::optional<ServerLease> next_server(const CallTarget& target, const std::vector<const Server*>& tried);

/// Calls `attempt(server)`, a task of a Result<T>, until it succeeds or its failure is permanent: once on
/// each server of `target` that is not ejected, then, after a pause, once more on each. `may_repeat()` is
/// called before each retry. `target` must outlive it.
template <class T, class Try, class MayRepeat>
async::Task<Result<T>> with_retries(const RequestContext& request, const CallTarget& target,
                                    const Try& attempt, const MayRepeat& may_repeat) {
  const ConfiguredProvider& provider = *target.provider;
  std::vector<const Server*> tried;  // since the last pause
  std::int64_t rounds = 0;
  std::optional<ServerLease> lease = next_server(target, tried);
  for (;;) {
    Server& server = lease->server();
    async::Task<Result<T>> task = attempt(server);
    Result<T> result = co_await task;
    if (lease->end(result ? Verdict::reached : verdict_on(result.error())))
      request.write_log(Severity::warning, provider,
                        "'" + server.url() + "' is skipped for now: " + result.error().message);
    if (!result && request.cancellation.requested() && !names_lost_thread(result.error()))
      co_return cancelled_error(request.cancellation.reason(), target);
    if (result || !result.error().retryable || !may_repeat()) co_return std::move(result);
    tried.push_back(&server);
    lease.reset();
    if (std::optional<ServerLease> other = next_server(target, tried)) {
      request.write_log(Severity::debug, provider, "trying another server after: " + result.error().message);
      lease.emplace(*std::move(other));
      continue;
    }
    const auto wait = wait_before_retry(target.policy.retry, ++rounds, result.error(), random_jitter());
    if (!wait) co_return std::move(result);
    request.write_log(Severity::debug, provider,
                      "retrying in " + base::describe_time(*wait) + ", attempt " +
                          std::to_string(rounds + 1) + " of " + std::to_string(target.policy.retry.attempts) +
                          ", after: " + result.error().message);
    async::Sleep pause(request.execution, request.cancellation, *wait);
    co_await pause;
    if (request.cancellation.requested()) co_return cancelled_error(request.cancellation.reason(), target);
    tried.clear();
    lease.emplace(*next_server(target, tried));
  }
}

/// Whether a call counts towards its server's limits. Queries don't.
enum class Counts : bool { no, yes };

/// `call(const PluginCall&)` as one attempt, for the thread that runs it.
template <class T, class Call>
async::Task<Result<T>> attempt_call(const RequestContext& request, const CallTarget& target, Server& server,
                                    Counts counts, const Call& call) {
  Attempt attempt(request, target, server);
  if (counts == Counts::yes) {
    const bool granted = co_await attempt.permit;
    if (!granted) co_return attempt.why_no_permit();
  }
  attempt.clocks.on_phase(Phase::connecting);
  Result<T> result = attempt.make<T>(call);
  if (!result && attempt.ended()) co_return attempt.why_ended();
  co_return std::move(result);
}

/// A provider's calls for one request of the application, made on this thread: under the clocks and the
/// policy of their target, and all of them under one clock `total`.
class BlockingRequest {
 public:
  BlockingRequest(const Providers& providers, const CallTarget& target, std::stop_token stop)
      : on_stop_(std::move(stop), StopRequest{cancellation_}),
        total_(providers.timer(), target.policy.clocks.total, cancellation_),
        request_{.execution = {async::Execution::Mode::blocking, providers.timer()},
                 .cancellation = cancellation_,
                 .id = next_request_id(),
                 .log = providers.log()} {}

  /// `call(const PluginCall&)` for this thread, to its end.
  template <class T, class Call>
  Result<T> call(const CallTarget& target, Counts counts, const Call& call) {
    return attempts<T>(target, [&](const RequestContext& request, Server& server) {
      return attempt_call<T>(request, target, server, counts, call);
    });
  }
  /// The same for an attempt of the caller's own: `attempt(const RequestContext&, Server&)`, a task of a
  /// Result<T>.
  template <class T, class Try>
  Result<T> attempts(const CallTarget& target, const Try& attempt) {
    if (ended()) return cancelled_error(cancellation_.reason(), target);
    const auto on = [&](Server& server) { return attempt(request_, server); };
    return with_retries<T>(request_, target, on, [] { return true; }).get();
  }

  /// Ends the running call and prevents others: the application wants no more.
  void leave() { cancellation_.request(CancelReason::consumer); }
  bool ended() const { return cancellation_.requested(); }
  void write_log(Severity severity, const ConfiguredProvider& provider, const std::string& text) const {
    request_.write_log(severity, provider, text);
  }

 private:
  struct StopRequest {
    CallCancellation& cancellation;
    void operator()() const { cancellation.request(CancelReason::caller); }
  };

  CallCancellation cancellation_;
  std::stop_callback<StopRequest> on_stop_;
  TimeLimit total_;
  RequestContext request_;
};

/// A request of one call.
template <class T, class Call>
Result<T> call_provider(const Providers& providers, const CallTarget& target, std::stop_token stop,
                        Counts counts, const Call& call) {
  return BlockingRequest(providers, target, std::move(stop)).call<T>(target, counts, call);
}

}  // namespace tachikoma::calls
