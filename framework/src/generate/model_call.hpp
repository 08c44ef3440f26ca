// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

#include "calls/retry.hpp"
#include "generate/generation.hpp"

namespace tachikoma::generate {

/// A call that needs a model, as one attempt: the model stays in memory until it ends.
template <class T, class Call>
async::Task<Result<T>> attempt_with_model(const Parts& parts, const calls::RequestContext& request,
                                          const calls::CallTarget& target, calls::Server& server,
                                          const ResolvedModel& model, calls::Counts counts,
                                          const Call& call) {
  calls::Attempt attempt(request, target, server);
  attempt.load = &model.load;
  const auto on_server = [&](const std::string& name) {
    return attempt.template make<T>(
        [call, name](const calls::PluginCall& plugin) { return call(plugin, name); });
  };
  std::optional<models::ModelStay> stay = parts.residents.enter(model, server);
  if (!stay && parts.residents.answers_at_once(server)) {  // so as not to load it in vain
    Result<T> refused = on_server(model.name);
    if (!refused && refused.error().code != ErrorCode::model_not_found) co_return std::move(refused);
  }
  if (!stay) {
    async::Task<Result<models::ModelStay>> waiting = parts.residents.wait_for(
        {request, attempt, target, server, model, model.load, parts.threads.lookups});
    Result<models::ModelStay> there = co_await waiting;
    if (!there) co_return std::move(there).error();
    stay.emplace(*std::move(there));
  }
  if (counts == calls::Counts::yes) {
    const bool granted = co_await attempt.permit;
    if (!granted) co_return attempt.why_no_permit();
  }
  attempt.clocks.on_phase(Phase::connecting);
  Result<T> result = on_server(stay->name(model.name));
  if (!result && attempt.ended()) co_return attempt.why_ended();
  if (!result) co_return stay->failed(std::move(result).error());
  stay->served({});
  co_return std::move(result);
}

/// The same for the thread that asks. `call(const PluginCall&, const std::string& name)`.
template <class T, class Call>
Result<T> call_with_model(const Parts& parts, const calls::ConfiguredProvider& provider,
                          const ResolvedModel& model, std::stop_token stop, calls::Counts counts,
                          const Call& call) {
  const calls::CallTarget target(provider);
  return calls::BlockingRequest(parts.providers, target, std::move(stop))
      .template attempts<T>(target, [&](const calls::RequestContext& request, calls::Server& server) {
        return attempt_with_model<T>(parts, request, target, server, model, counts, call);
      });
}

}  // namespace tachikoma::generate
