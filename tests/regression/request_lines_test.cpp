// SPDX-License-Identifier: MIT
// The job_id that LM Studio gave a download went into the path of the next request as it was: with a line
// break in it, a server wrote a second request with the user's key into its own connection, or any other
// one's.
#include <algorithm>
#include <string>

#include "base/json.hpp"
#include "common/http/http_endpoint.hpp"
#include "common/net/server_url.hpp"
#include "plugins/lmstudio/sdk_studio.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/test_host.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kDownloads[] = "/api/v1/models/download";

struct SilentDownloads final : DownloadSink {
  Flow on_progress(const DownloadProgress&) override { return Flow::proceed; }
};

std::string json_escaped(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

// The path that is asked for a job of that id.
std::string path_for(const std::string& job) {
  const std::string encoded = std::string(kDownloads) + "/status/" + kit::percent_encoded(job);
  const JsonServer server(
      {{kDownloads, JsonReply{R"({"status":"downloading","job_id":)" + json_escaped(job) + "}"}},
       {encoded, JsonReply{R"({"status":"completed","job_id":"x"})"}}});
  StudioCaller caller(server.url());
  SilentDownloads sink;
  const Result<Downloaded> done = caller.offered<ModelDownloader>().download({"m"}, sink, caller.context());
  CHECK(done);
  return server.paths().back();
}

std::string written(const kit::HttpRequest& request, const kit::ServerAccess& access = {}) {
  TestHost host;
  const kit::HttpEndpoint endpoint(kit::parse_server_url("http://host:1").value(), access, host);
  return endpoint.write_head(request) + std::string(request.body);
}

std::size_t lines_of(std::string_view text) {
  std::size_t lines = 0;
  for (const char c : text) lines += c == '\n';
  return lines;
}

}  // namespace

TEST_CASE("a server's job_id is one step of a path, whatever is in it", "[lmstudio][download]") {
  const std::string status = std::string(kDownloads) + "/status/";
  CHECK(path_for("job_1") == status + "job_1");
  CHECK(path_for("x HTTP/1.1\r\nX-A: b\r\n\r\nGET /steal") ==
        status + "x%20HTTP%2F1.1%0D%0AX-A:%20b%0D%0A%0D%0AGET%20%2Fsteal");
  CHECK(path_for("../../v1/models?x=1#y") == status + "..%2F..%2Fv1%2Fmodels%3Fx%3D1%23y");
  CHECK(path_for("a%2Fb;c&d") == status + "a%252Fb%3Bc%26d");
  CHECK(path_for("..") == status + "%2E%2E");
}

TEST_CASE("a request line has no byte that ends it or a word of it", "[http]") {
  const std::string clean = written({.path = "/v1/models"});
  CHECK(clean.starts_with("GET /v1/models HTTP/1.1\r\n"));
  for (const std::string& path :
       {std::string("/a\r\nX: y"), std::string("/a\nb"), std::string("/a b"), std::string("/a\0b", 4),
        std::string("/a\tb"), std::string("/\x7f"), std::string("/\xC3\xA9")}) {
    const std::string request = written({.path = path});
    CHECK(lines_of(request) == lines_of(clean));
    CHECK(request.find('\0') == std::string::npos);
    const std::string line = request.substr(0, request.find('\r'));
    CHECK(std::count(line.begin(), line.end(), ' ') == 2);
  }
  CHECK(written({.path = "/a\r\nb"}).starts_with("GET /a%0D%0Ab HTTP/1.1\r\n"));
}

TEST_CASE("a header that would be two is not sent, and the log says so", "[http]") {
  const std::string clean = written({.path = "/"});
  for (const std::string& value :
       {std::string("a\r\nEvil: 1"), std::string("a\nb"), std::string("a\0b", 3)}) {
    CHECK(lines_of(written({.path = "/"}, {.headers = {{"X-A", value}}})) == lines_of(clean));
    CHECK(lines_of(written({.path = "/"}, {.headers = {{value, "x"}}})) == lines_of(clean));
    CHECK(lines_of(written({.path = "/"}, {.api_key = value})) == lines_of(clean));
  }
  TestHost host;
  const kit::HttpEndpoint endpoint(kit::parse_server_url("http://host:1").value(),
                                   {.headers = {{"X-A", "a\r\nEvil: 1"}}}, host);
  CHECK(host.lines().find("the header 'X-A' is not sent") != std::string::npos);
}
