// SPDX-License-Identifier: MIT
#include <exception>
#include <utility>

#include "models/management.hpp"
#include "models/servers.hpp"

namespace tachikoma::models {
namespace {

class Listener final : public DownloadSink {
 public:
  Listener(const DownloadCallback& callback, policy::BlockingRequest& request)
      : callback_(callback), request_(request) {}

  /// For one call: as long as bytes arrive, it is not late.
  void listen_to(const CallContext& context) {
    context_ = &context;
    done_bytes_ = 0;
  }

  Flow on_progress(const DownloadProgress& progress) override {
    if (request_.ended()) return Flow::stop;
    if (std::exchange(done_bytes_, progress.done_bytes) < progress.done_bytes)
      context_->enter(Phase::loading);
    if (!callback_) return Flow::proceed;
    try {
      if (callback_(progress) == Flow::proceed) return Flow::proceed;
    } catch (...) {  // it must not pass through the plugin
      thrown_ = std::current_exception();
    }
    request_.leave();
    return Flow::stop;
  }

  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  const DownloadCallback& callback_;
  policy::BlockingRequest& request_;
  const CallContext* context_ = nullptr;
  std::int64_t done_bytes_ = 0;
  std::exception_ptr thrown_;
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
  Listener listener(on_progress, request);
  std::optional<Downloaded> first;
  const Status done = on_each_server<Downloaded>(
      request, each_server(*core.providers, slot),
      [&](const ProviderSlot& server) {
        return request.call<Downloaded>(only_once(server), policy::Counts::no,
                                        [&](policy::Endpoint& endpoint, const CallContext& context) {
                                          listener.listen_to(context);
                                          return endpoint.capability<ModelDownloader>()->download(
                                              wanted, listener, context);
                                        });
      },
      [&](const ProviderSlot&, Downloaded one) {
        if (!first) first = std::move(one);
      });
  core.model_names->forget_list(slot.id);
  listener.rethrow();
  if (!done) return explain(done.error(), slot);
  return *std::move(first);
}

}  // namespace tachikoma::models
