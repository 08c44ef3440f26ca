// SPDX-License-Identifier: MIT
#include "lmstudio/downloader.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/try.hpp"
#include "common/chat/model_list.hpp"
#include "common/net/pause.hpp"
#include "common/net/server_url.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr char kDownload[] = "/api/v1/models/download";
constexpr char kStatus[] = "/api/v1/models/download/status/";
constexpr std::string_view kBasis = "LM Studio /api/v1/models/download";
constexpr std::string_view kSdkBasis = "LM Studio, downloadModel";
constexpr std::chrono::milliseconds kBetweenLooks{500};

Error left(const std::string& name) {
  return Error(ErrorCode::cancelled, "the download of '" + name + "' is no longer followed",
               "LM Studio continues it; it can be stopped in LM Studio's window");
}

// Downloadable models are not in the list that the hint for an unknown model mentions.
Error of_catalogue(Error error) {
  if (error.code == ErrorCode::model_not_found)
    error.hint = "use its name in LM Studio's catalogue, or its address on Hugging Face";
  return error;
}

// One download over REST, polled until it ends.
class RestDownload {
 public:
  RestDownload(Studio& studio, const DownloadRequest& request, DownloadSink& sink, const CallContext& context)
      : studio_(studio), request_(request), sink_(sink), context_(context) {}

  Result<Downloaded> run() {
    Value body = Value::object({{"model", request_.name}});
    if (!request_.quantization.empty()) body.set("quantization", request_.quantization);
    Result<Value> job = studio_.post(kDownload, body, request_.name, context_);
    if (!job) return of_catalogue(std::move(job).error());
    const std::string id((*job)["job_id"].as_string());
    while (true) {
      const std::string_view status = (*job)["status"].as_string();
      if (status == "completed" || status == "already_downloaded") return finish(*job);
      TACHIKOMA_TRY_STATUS(check(status, id));
      if (sink_.on_progress(progress(*job)) == Flow::stop) return left(request_.name);
      kit::pause(kBetweenLooks, context_.cancellation);
      if (context_.cancellation.requested()) return left(request_.name);
      job = studio_.get(kStatus + kit::percent_encoded(id), context_);
      if (!job) return explain(std::move(job).error());
    }
  }

 private:
  Status check(std::string_view status, const std::string& id) const {
    const std::string what = "the download of '" + request_.name + "'";
    if (status == "failed")
      return Error(ErrorCode::protocol, "LM Studio reports that " + what + " failed",
                   "look at its window for the reason, and check the network and the free space");
    if (status == "paused")
      return Error(ErrorCode::overloaded, what + " is paused in LM Studio",
                   "resume it there, then ask again");
    if (status == "downloading" && id.empty())
      return Error(ErrorCode::protocol, "LM Studio began " + what + " without a job_id to ask for",
                   "update LM Studio");
    if (status != "downloading")
      return Error(ErrorCode::protocol,
                   "LM Studio answered the request for " + what + " with the status '" + std::string(status) +
                       "', expected one of its own",
                   "update LM Studio");
    return Done{};
  }

  static DownloadProgress progress(const Value& job) {
    DownloadProgress progress;
    progress.done_bytes = job["downloaded_bytes"].as_integer();
    progress.total_bytes = kit::reported(job["total_size_bytes"], kBasis, "the size");
    progress.bytes_per_second = kit::reported(job["bytes_per_second"], kBasis, "the speed");
    return progress;
  }

  Result<Downloaded> finish(const Value& job) {
    Downloaded downloaded;
    downloaded.name = request_.name;
    downloaded.was_there = job["status"].as_string() == "already_downloaded";
    downloaded.size_bytes = kit::reported(job["total_size_bytes"], kBasis, "the size");
    if (!downloaded.was_there && downloaded.size_bytes) {
      DownloadProgress all = progress(job);
      all.done_bytes = downloaded.size_bytes.value;
      sink_.on_progress(all);
    }
    for (const char* member : {"job_id", "started_at", "completed_at"})
      if (const Value* value = job.find(member)) downloaded.extra.set(member, *value);
    return downloaded;
  }

  Error explain(Error error) const {
    if (error.http_status != 404) return error;
    return Error(ErrorCode::protocol, "LM Studio no longer knows the download of '" + request_.name + "'",
                 "request it again: it continues where it stopped");
  }

  Studio& studio_;
  const DownloadRequest& request_;
  DownloadSink& sink_;
  const CallContext& context_;
};

Result<Downloaded> download_over_sdk(Studio& studio, const DownloadRequest& request, DownloadSink& sink,
                                     const CallContext& context) {
  if (!request.quantization.empty())
    return Error(
        ErrorCode::unsupported,
        "only LM Studio's REST API takes a quantization, and this LM Studio has no " + std::string(kDownload),
        "give a name that includes it, or update LM Studio");
  TACHIKOMA_TRY(const std::shared_ptr<SdkClient> sdk, studio.sdk(context));
  Downloaded downloaded;
  bool finished = false;
  const auto on_message = [&](const Value& message) {
    const std::string_view type = message["type"].as_string();
    if (type == "success") {
      finished = true;
      downloaded.extra.set("key", message["defaultIdentifier"]);
    }
    if (type != "downloadProgress") return Flow::proceed;
    const Value& update = message["update"];
    downloaded.size_bytes = kit::reported(update["totalBytes"], kSdkBasis, "the size");
    return sink.on_progress({update["downloadedBytes"].as_integer(), downloaded.size_bytes,
                             kit::reported(update["speedBytesPerSecond"], kSdkBasis, "the speed")});
  };
  const Status ended = sdk->channel(Namespace::repository, "downloadModel",
                                    Value::object({{"downloadIdentifier", request.name}}), on_message,
                                    {context.cancellation}, Value::object({{"type", "cancel"}}));
  if (!ended) return ended.error();
  if (!finished)
    return Error(ErrorCode::protocol,
                 "LM Studio ended the download of '" + request.name + "' without a result",
                 "look at LM Studio's log");
  downloaded.name = request.name;
  return downloaded;
}

}  // namespace

Result<Downloaded> StudioDownloads::download(const DownloadRequest& request, DownloadSink& sink,
                                             const CallContext& context) {
  Result<Downloaded> over_rest = RestDownload(studio_, request, sink, context).run();
  if (over_rest) return over_rest;
  const Error& error = over_rest.error();
  const bool no_http = error.code == ErrorCode::unreachable && error.http_status == 0;
  if (error.code != ErrorCode::unsupported && !no_http) return over_rest;
  Result<Downloaded> over_sdk = download_over_sdk(studio_, request, sink, context);
  return over_sdk || !is_without_sdk(over_sdk.error()) ? std::move(over_sdk) : std::move(over_rest);
}

}  // namespace tachikoma::lmstudio
