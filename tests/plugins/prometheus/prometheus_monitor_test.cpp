// SPDX-License-Identifier: MIT
#include "prometheus/prometheus_monitor.hpp"

#include <chrono>
#include <csignal>
#include <string>

#include "common/http/http_client.hpp"
#include "common/net/connection.hpp"
#include "prometheus/listen_address.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using exposition::parse_listen_address;

namespace {

Value listening_on(const std::string& address) { return Value::object({{"listen", address}}); }

/// A monitor on a free port.
struct Scraped {
  TestHost host;
  std::unique_ptr<Monitor> monitor = exposition::make_monitor(listening_on("127.0.0.1:0"), host).value();

  // as it was logged: "http://127.0.0.1:40123"
  std::string url() const {
    const std::string lines = host.lines();
    const std::size_t start = lines.find("http");
    return lines.substr(start, lines.find("/metrics") - start);
  }
  kit::Document get(const std::string& path, std::string_view method = "GET") {
    kit::HttpClient client(kit::parse_server_url(url()).value(), {}, host);
    TestCancellation never;
    return kit::fetch(client, {.method = method, .path = path}, {never}).value();
  }
};

}  // namespace

TEST_CASE("prometheus serves what it was told of", "[prometheus]") {
  Scraped scraped;
  CHECK(scraped.get("/metrics").body.empty());
  scraped.monitor->on_event({.kind = MonitorEvent::Kind::finished,
                             .provider = "studio",
                             .model = "m",
                             .elapsed = std::chrono::seconds(2),
                             .finish = Finish::length});
  const std::string text = scraped.get("/metrics").body;
  CHECK(text.find("tachikoma_requests_total{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"studio\","
                  "gen_ai_request_model=\"m\",tachikoma_outcome=\"length\"} 1\n") != std::string::npos);
  CHECK(
      text.find("gen_ai_client_inference_duration_seconds_sum{gen_ai_operation_name=\"chat\",gen_ai_provider_"
                "name=\"studio\",gen_ai_request_model=\"m\"} 2\n") != std::string::npos);
  CHECK(scraped.get("/metrics?x=1").status == 200);
}

TEST_CASE("prometheus says where the metrics are, and that only they can be had", "[prometheus]") {
  Scraped scraped;
  CHECK(scraped.host.lines() == "info: metrics are at " + scraped.url() + "/metrics\n");
  CHECK(scraped.get("/").status == 404);
  CHECK(scraped.get("/").body == "the metrics are at /metrics\n");
  CHECK(scraped.get("/metrics", "POST").status == 405);
}

TEST_CASE("prometheus ends although a client is connected and says nothing", "[prometheus]") {
  Scraped scraped;
  TestCancellation never;
  kit::TlsClient tls({});
  kit::Resolver resolver(scraped.host);
  const auto silent =
      kit::Connection::open(kit::parse_server_url(scraped.url()).value(), resolver, tls, {never}).value();
  CHECK(silent->send({"GET /met"}));
  CHECK(scraped.get("/metrics").ok());  // connections are accepted in order, so the silent one is
  const auto start = std::chrono::steady_clock::now();
  scraped.monitor.reset();
  CHECK(std::chrono::steady_clock::now() - start <
        std::chrono::seconds(8));  // a silent client may stay for 10
  const Result<std::string_view> end = silent->receive({never});
  CHECK((!end || end->empty()));  // it was closed
}

TEST_CASE("prometheus leaves the process's signals alone", "[prometheus]") {
  struct sigaction before = {}, after = {};
  ::sigaction(SIGPIPE, nullptr, &before);
  Scraped scraped;
  CHECK(scraped.get("/metrics").ok());
  ::sigaction(SIGPIPE, nullptr, &after);
  CHECK(before.sa_handler == after.sa_handler);
}

TEST_CASE("a port that is taken is an error that says so", "[prometheus]") {
  TestHost host;
  const LoopbackServer other([](Peer&, int) {});
  const std::string address = "127.0.0.1:" + std::to_string(other.port());
  const Error error = exposition::make_monitor(listening_on(address), host).error();
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK(error.message == "monitor 'prometheus' can't listen on " + address +
                             ": another program, or another runtime of this one, listens there");
  CHECK(error.hint == "set 'listen' to another port, or to port 0 for a free one");
}

TEST_CASE("where to listen is an IP address and a port", "[prometheus]") {
  for (const char* good : {"127.0.0.1:9464", "0.0.0.0:0", "[::1]:9464"})
    CHECK(parse_listen_address(good).value().text() == good);
  for (const char* bad : {"", "9464", ":9464", "localhost:9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000",
                          "::1:9464", "[]:1", "127.0.0.1:1s", "[127.0.0.1]:1"}) {
    INFO(bad);
    const auto address = parse_listen_address(bad);
    REQUIRE_FALSE(address);
    CHECK(address.error().message == "monitor 'prometheus' can't listen on '" + std::string(bad) +
                                         "': that is no IP address with a port");
  }
}
