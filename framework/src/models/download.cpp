// SPDX-License-Identifier: MIT
#include <utility>

#include "models/management.hpp"
#include "models/relay.hpp"
#include "models/servers.hpp"

namespace tachikoma::models {
namespace {

class DownloadListener final : public DownloadSink {
 public:
  DownloadListener(const DownloadCallback& callback, Relay& relay, const CallContext& context)
      : callback_(callback), relay_(relay), context_(context) {}

  Flow on_progress(const DownloadProgress& progress) override {
    // as long as bytes arrive, it is not late
    if (std::exchange(done_bytes_, progress.done_bytes) < progress.done_bytes) context_.enter(Phase::loading);
    return relay_.pass(callback_, progress, context_);
  }

 private:
  const DownloadCallback& callback_;
  Relay& relay_;
  const CallContext& context_;
  std::int64_t done_bytes_ = 0;
};

// The load clock ran since the last byte, not since the start.
Error explain(Error error, const ProviderSlot& slot) {
  if (error.code == ErrorCode::timeout && error.detail["clock"].as_string() == "load")
    error.message =
        "no progress of the download on '" + slot.id + "' within " + describe_time(slot.limits.load);
  return error;
}

}  // namespace

Result<Downloaded> download(RuntimeCore& core, const ProviderSlot& slot, const DownloadRequest& wanted,
                            const DownloadCallback& on_progress, std::stop_token stop) {
  if (Status able = check_able<ModelDownloader>(slot, "download models"); !able)
    return std::move(able).error();
  if (wanted.name.empty())
    return Error(ErrorCode::invalid_argument, "the download names no model",
                 "give its name in the catalogue");
  policy::BlockingRequest request(*core.providers, slot, std::move(stop));
  Relay relay(request);
  const auto download_on = [&](const ProviderSlot& server) {
    const auto call = [&](policy::Endpoint& endpoint, const CallContext& context) {
      DownloadListener listener(on_progress, relay, context);
      return endpoint.capability<ModelDownloader>()->download(wanted, listener, context);
    };
    return request.call<Downloaded>(only_once(server), policy::Counts::no, call);
  };
  std::optional<Downloaded> first;
  const auto take = [&](const ProviderSlot&, Downloaded one) {
    if (!first) first = std::move(one);
  };
  const Status done =
      on_each_server<Downloaded>(request, each_server(*core.providers, slot), download_on, take);
  core.model_names->forget_list(slot.id);
  relay.rethrow();
  if (!done) return explain(done.error(), slot);
  return *std::move(first);
}

}  // namespace tachikoma::models
