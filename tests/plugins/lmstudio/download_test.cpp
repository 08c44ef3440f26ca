// SPDX-License-Identifier: MIT
#include <future>
#include <string>

#include "base/json.hpp"
#include "plugins/lmstudio/sdk_studio.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/json_server.hpp"
#include "support/recording_sink.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kStart[] = "/api/v1/models/download";
constexpr char kStatus[] = "/api/v1/models/download/status/job_1";
constexpr char kDownloading[] =
    R"({"job_id":"job_1","status":"downloading","total_size_bytes":2000,"downloaded_bytes":500,"bytes_per_second":100})";

class Watcher final : public DownloadSink {
 public:
  Flow on_progress(const DownloadProgress& progress) override {
    told += std::to_string(progress.done_bytes) + "/" + std::to_string(progress.total_bytes.value) + " ";
    if (on_told) on_told();
    return flow;
  }
  std::string told;
  std::function<void()> on_told;
  Flow flow = Flow::proceed;
};

Result<Downloaded> download(StudioCaller& caller, Watcher& watcher, const DownloadRequest& request = {"m"}) {
  return caller.offered<ModelDownloader>().download(request, watcher, caller.context());
}

std::string fate(const JsonServer& server) {
  StudioCaller caller(server.url());
  Watcher watcher;
  const Result<Downloaded> downloaded = download(caller, watcher);
  const std::string end = downloaded ? "downloaded\n" : describe(downloaded.error());
  return replace_all(watcher.told + "\n" + end, server.url(), "http://host") + "\n";
}

}  // namespace

TEST_CASE("a download is followed until the model is there", "[lmstudio][download]") {
  const JsonServer server(
      {{kStart, JsonReply{kDownloading}},
       {kStatus,
        {R"({"job_id":"job_1","status":"completed","total_size_bytes":2000,"downloaded_bytes":2000})"}}});
  StudioCaller caller(server.url());
  Watcher watcher;
  const Downloaded downloaded = download(caller, watcher, {"m", "Q4_K_M"}).value();
  CHECK(watcher.told == "500/2000 2000/2000 ");
  CHECK(downloaded.name == "m");
  CHECK_FALSE(downloaded.was_there);
  CHECK(downloaded.size_bytes.value == 2000);
  CHECK(server.last_body(kStart) == R"({"model":"m","quantization":"Q4_K_M"})");
}

TEST_CASE("what is there already need not be downloaded", "[lmstudio][download]") {
  const JsonServer server(
      {{kStart, JsonReply{R"({"status":"already_downloaded","total_size_bytes":2000})"}}});
  StudioCaller caller(server.url());
  Watcher watcher;
  CHECK(download(caller, watcher).value().was_there);
  CHECK(watcher.told.empty());
}

TEST_CASE("a download that fails, pauses or is forgotten says so", "[lmstudio][download]") {
  std::string out;
  out += fate(JsonServer(
      {{kStart, JsonReply{kDownloading}}, {kStatus, {R"({"job_id":"job_1","status":"failed"})"}}}));
  out += fate(JsonServer({{kStart, JsonReply{R"({"job_id":"job_1","status":"paused"})"}}}));
  out += fate(JsonServer({{kStart, JsonReply{R"({"status":"downloading"})"}}}));
  out += fate(JsonServer(
      {{kStart, JsonReply{kDownloading}},
       {kStatus,
        {R"({"error":{"type":"job_not_found","message":"Job job_1 was not found"}})", "404 Not Found"}}}));
  out += fate(
      JsonServer({{kStart, JsonReply{R"({"error":{"type":"model_not_found","message":"Model m not found"}})",
                                     "404 Not Found"}}}));
  out += fate(JsonServer({}));
  check_golden("lmstudio/download_failures.txt", out);
}

TEST_CASE("leaving a download ends the wait at once", "[lmstudio][download]") {
  const JsonServer server({{kStart, JsonReply{kDownloading}}, {kStatus, {kDownloading}}});
  StudioCaller caller(server.url());
  Watcher watcher;
  watcher.flow = Flow::stop;
  const Error left = download(caller, watcher).error();
  CHECK(left.code == ErrorCode::cancelled);
  CHECK_THAT(left.hint, ContainsSubstring("LM Studio continues it"));

  watcher.flow = Flow::proceed;
  std::promise<void> begun;
  watcher.on_told = [&] {
    if (std::exchange(watcher.on_told, nullptr)) begun.set_value();
  };
  auto call = std::async(std::launch::async, [&] { return download(caller, watcher).error().code; });
  begun.get_future().wait();
  caller.cancellation.request();
  CHECK(call.get() == ErrorCode::cancelled);
}

TEST_CASE("an LM Studio without that REST route downloads over its WebSocket", "[lmstudio][download]") {
  const auto json = [](const char* text) { return base::parse_json(text).value(); };
  SdkStudio studio;
  studio.tell(
      "downloadModel",
      {json(
           R"({"type":"downloadProgress","update":{"downloadedBytes":1,"totalBytes":2,"speedBytesPerSecond":1}})"),
       json(R"({"type":"startFinalizing"})"), json(R"({"type":"success","defaultIdentifier":"m"})")});
  StudioCaller caller(studio.url());
  Watcher watcher;
  CHECK(download(caller, watcher).value().extra["key"].as_string() == "m");
  CHECK(watcher.told == "1/2 ");
  CHECK(download(caller, watcher, {"m", "Q4_K_M"}).error().code == ErrorCode::unsupported);
  CHECK(studio.parameter_of("downloadModel") == Value::object({{"downloadIdentifier", "m"}}));
}
