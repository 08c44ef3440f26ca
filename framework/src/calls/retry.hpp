// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "calls/attempt.hpp"
#include "calls/backoff.hpp"

namespace tachikoma::policy {

/// What a failure says about the server that was called.
Verdict verdict_on(const Error& error);

/// Calls `attempt(endpoint)`, a task of a Result<T>, until it succeeds or its failure is final: once on each
/// server of `slot` that is not left out, then, after a pause, once more on each. `may_repeat()` is asked
/// before each repetition.
template <class T, class Try, class MayRepeat>
engine::Task<Result<T>> with_retries(const engine::Calling& calling, const ProviderSlot& slot,
                                     const Try& attempt, const MayRepeat& may_repeat) {
  std::vector<const Endpoint*> tried;  // since the last pause
  std::int64_t rounds = 0;
  std::optional<Visit> visit = slot.endpoints->visit(tried);
  for (;;) {
    Endpoint& endpoint = visit->endpoint();
    engine::Task<Result<T>> task = attempt(endpoint);
    Result<T> result = co_await task;
    if (visit->end(result ? Verdict::reached : verdict_on(result.error())))
      calling.say(Severity::warning, slot,
                  "'" + endpoint.url() + "' is left out for now: " + result.error().message);
    if (!result && calling.cancellation.requested())
      co_return cancelled_error(calling.cancellation.reason(), slot);
    if (result || !result.error().retryable || !may_repeat()) co_return std::move(result);
    tried.push_back(&endpoint);
    visit.reset();
    if (std::optional<Visit> other = slot.endpoints->visit(tried)) {
      calling.say(Severity::debug, slot, "asks another server after: " + result.error().message);
      visit.emplace(*std::move(other));
      continue;
    }
    const auto wait = wait_before_retry(slot.retry, ++rounds, result.error(), random_jitter());
    if (!wait) co_return std::move(result);
    calling.say(Severity::debug, slot,
                "tries again in " + std::to_string(wait->count()) + " ms, time " +
                    std::to_string(rounds + 1) + " of " + std::to_string(slot.retry.attempts) +
                    ", after: " + result.error().message);
    engine::Sleep pause(calling.execution, calling.cancellation, *wait);
    co_await pause;
    if (calling.cancellation.requested()) co_return cancelled_error(calling.cancellation.reason(), slot);
    tried.clear();
    visit.emplace(*slot.endpoints->visit(tried));
  }
}

/// Whether a call counts for the limits of its server. Questions about it don't.
enum class Counts : bool { no, yes };

/// `call(endpoint, context)` as one attempt on the thread that runs it.
template <class T, class Call>
engine::Task<Result<T>> attempt_call(const engine::Calling& calling, const ProviderSlot& slot,
                                     Endpoint& endpoint, Counts counts, const Call& call) {
  engine::Attempt attempt(calling, slot, endpoint);
  if (counts == Counts::yes) {
    const bool granted = co_await attempt.turn;
    if (!granted) co_return attempt.why_no_turn();
  }
  attempt.clocks.on_phase(Phase::connecting);
  Result<T> result = call(endpoint, attempt.context());
  if (!result && attempt.ended()) co_return attempt.why_ended();
  co_return std::move(result);
}

/// What this thread asks of a provider for one request of the application: calls under the clocks and the
/// policy of their slot, and all of them under one clock `total`.
class BlockingRequest {
 public:
  BlockingRequest(const Providers& providers, const ProviderSlot& slot, std::stop_token stop)
      : on_stop_(std::move(stop), StopRequest{cancellation_}),
        total_(providers.timer(), slot.limits.total, cancellation_),
        calling_{.execution = {engine::Execution::Mode::blocking, providers.timer()},
                 .cancellation = cancellation_,
                 .id = next_request_id(),
                 .log = providers.log()} {}

  /// `call(endpoint, context)` on this thread, to its end.
  template <class T, class Call>
  Result<T> call(const ProviderSlot& slot, Counts counts, const Call& call) {
    if (ended()) return cancelled_error(cancellation_.reason(), slot);
    const auto attempt = [&](Endpoint& endpoint) {
      return attempt_call<T>(calling_, slot, endpoint, counts, call);
    };
    return with_retries<T>(calling_, slot, attempt, [] { return true; }).get();
  }

  /// Ends the call that runs, and lets no other begin: the application wants no more of it.
  void leave() { cancellation_.request(CancelReason::consumer); }
  bool ended() const { return cancellation_.requested(); }
  void say(Severity severity, const ProviderSlot& slot, const std::string& text) const {
    calling_.say(severity, slot, text);
  }

 private:
  struct StopRequest {
    CallCancellation& cancellation;
    void operator()() const { cancellation.request(CancelReason::caller); }
  };

  CallCancellation cancellation_;
  std::stop_callback<StopRequest> on_stop_;
  TotalClock total_;
  engine::Calling calling_;
};

/// A request of one call.
template <class T, class Call>
Result<T> call_provider(const Providers& providers, const ProviderSlot& slot, std::stop_token stop,
                        Counts counts, const Call& call) {
  return BlockingRequest(providers, slot, std::move(stop)).call<T>(slot, counts, call);
}

}  // namespace tachikoma::policy
