// SPDX-License-Identifier: MIT
#include <utility>

#include "base/durations.hpp"
#include "base/try.hpp"
#include "calls/furthest.hpp"
#include "models/each_server.hpp"
#include "models/management.hpp"
#include "models/relay.hpp"
#include "plugins/contract.hpp"

namespace tachikoma::models {
namespace {

class DownloadListener final : public DownloadSink {
 public:
  DownloadListener(const DownloadCallback& callback, Relay& relay, const calls::PluginCall& call)
      : callback_(callback), relay_(relay), call_(call) {}

  Flow on_progress(const DownloadProgress& progress) override {
    if (!plugins::breach(progress).empty()) return Flow::proceed;
    // as long as bytes arrive, the clock restarts
    if (reached_.advances({}, static_cast<double>(progress.done_bytes)))
      call_.pass([&] { call_.clocks.advance(); });
    return relay_.pass(callback_, progress, call_);
  }

 private:
  const DownloadCallback& callback_;
  Relay& relay_;
  const calls::PluginCall& call_;
  calls::Furthest reached_;
};

// The load clock ran since the last byte, not since the start.
Error explain(Error error, const calls::ConfiguredProvider& provider) {
  if (error.code == ErrorCode::timeout && error.detail["clock"].as_string() == "load")
    error.message = "no progress of the download on '" + provider.id + "' within " +
                    base::describe_time(provider.policy.clocks.load);
  return error;
}

}  // namespace

Result<Downloaded> Management::download(const calls::ConfiguredProvider& provider,
                                        const DownloadRequest& wanted, const DownloadCallback& on_progress,
                                        std::stop_token stop) const {
  TACHIKOMA_TRY_STATUS(provider.check_able<ModelDownloader>("download models"));
  if (wanted.name.empty())
    return Error(ErrorCode::invalid_argument, "the download names no model",
                 "give its name in the catalogue");
  const calls::CallTarget once = calls::CallTarget(provider).once();
  calls::BlockingRequest request(providers_, once, std::move(stop));
  Relay relay(request);
  const auto download_on = [&](calls::Server& there) {
    const auto download = [wanted, &on_progress, &relay](const calls::PluginCall& call) {
      DownloadListener listener(on_progress, relay, call);
      return call.server.capability<ModelDownloader>()->download(wanted, listener, call.context);
    };
    return request.call<Downloaded>(once.on(there), calls::Counts::no, download);
  };
  std::optional<Downloaded> first;
  const auto take = [&](const calls::Server&, Downloaded one) {
    if (!first) first = std::move(one);
  };
  const Status done = on_each_server<Downloaded>(request, provider, download_on, take);
  registry_.forget_list(provider.id);
  relay.rethrow();
  if (!done) return explain(done.error(), provider);
  return *std::move(first);
}

}  // namespace tachikoma::models
