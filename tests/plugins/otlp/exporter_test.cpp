// SPDX-License-Identifier: MIT
#include "otlp/exporter.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "otlp/otlp_monitor.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/test_host.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using otlp::Exporter;

namespace {

constexpr auto kLong = 20s;  // what a test never waits for unless it fails

std::string reply(const std::string& status, const std::string& more = {}) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n" + more + "\r\n{}";
}

/// A receiver that gives the replies one after another, and the last one again and again.
class FakeReceiver {
 public:
  explicit FakeReceiver(std::deque<std::string> replies)
      : replies_(std::move(replies)), server_([this](Peer& peer, int) { serve(peer); }) {}

  std::string url() const { return server_.url(); }
  /// The number of the n-th request from 0, once it is there: its head and body.
  std::string request(std::size_t number) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, kLong, [&] { return requests_.size() > number; })) return "none came";
    return requests_[number];
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }
  /// True if the client that gets no answer has closed its connection, which is waited for.
  bool was_left() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, 2 * kLong, [&] { return left_.has_value(); });
    return left_.value_or(false);
  }

 private:
  void wait_until_left(Peer& peer) {
    const bool left = peer.wait_for_close();
    {
      const std::lock_guard lock(mutex_);
      left_ = left;
    }
    came_.notify_all();
  }
  void serve(Peer& peer) {
    for (std::string request; !(request = peer.read_request()).empty();) {
      std::string answer;
      {
        const std::lock_guard lock(mutex_);
        answer = replies_.front();
        if (replies_.size() > 1) replies_.pop_front();
        requests_.push_back(std::move(request));
      }
      came_.notify_all();
      if (answer.empty()) return wait_until_left(peer);  // never answered
      peer.send(answer);
    }
  }

  std::deque<std::string> replies_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> requests_;
  std::optional<bool> left_;
  LoopbackServer server_;
};

/// An exporter that sends nothing on its own, unless it is made with a short interval.
struct Exporting {
  explicit Exporting(const std::string& url, Exporter::Options options = {.interval = 1h})
      : exporter(
            std::make_unique<Exporter>(std::move(options),
                                       std::make_unique<otlp::Receiver>(kit::parse_server_url(url).value(),
                                                                        kit::ServerAccess{}, 1h, host),
                                       measured, host)) {}

  TestHost host;
  kit::Measurements measured{10};
  std::unique_ptr<Exporter> exporter;
};

// The spans in the body of a request.
std::string spans_of(const std::string& request) {
  const auto body = base::parse_json(request.substr(request.find("\r\n\r\n") + 4));
  if (!body) return "no JSON: " + request;
  return base::to_json((*body)["resourceSpans"].elements().at(0)["scopeSpans"].elements().at(0)["spans"]);
}

}  // namespace

TEST_CASE("a flush delivers all spans, and the metrics after them", "[otlp]") {
  FakeReceiver receiver({reply("200 OK")});
  Exporting exporting(receiver.url());
  exporting.exporter->add("1");
  exporting.exporter->add("2");
  exporting.measured.record({.kind = MonitorEvent::Kind::finished, .provider = "p", .model = "m"});
  CHECK(exporting.exporter->flush(kLong));
  CHECK(exporting.exporter->flush(kLong));  // there is nothing new
  CHECK(receiver.count() == 2);
  CHECK(receiver.request(0).rfind("POST /v1/traces HTTP/1.1\r\n", 0) == 0);
  CHECK(receiver.request(0).find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(spans_of(receiver.request(0)) == "[1,2]");
  CHECK(receiver.request(1).rfind("POST /v1/metrics HTTP/1.1\r\n", 0) == 0);
  CHECK(receiver.request(1).find("gen_ai.client.inference.duration") != std::string::npos);
  CHECK(exporting.host.lines().empty());
}

TEST_CASE("spans are sent at each interval, and many of them at once", "[otlp]") {
  FakeReceiver receiver({reply("200 OK")});
  Exporting often(receiver.url(), {.interval = 1ms});
  often.exporter->add("1");
  CHECK(spans_of(receiver.request(0)) == "[1]");
  often.exporter.reset();  // the receiver serves one connection at a time
  Exporting seldom(receiver.url());
  for (int i = 0; i < 256; ++i) seldom.exporter->add("7");
  CHECK(spans_of(receiver.request(1)).rfind("[7,7,", 0) == 0);
}

TEST_CASE("spans that can't be delivered now are sent again when the receiver asks for it", "[otlp]") {
  FakeReceiver receiver({reply("503 Busy", "Retry-After: 0\r\n"), reply("200 OK")});
  Exporting exporting(receiver.url(), {.interval = 1ms});
  exporting.exporter->add("1");
  CHECK(spans_of(receiver.request(0)) == "[1]");
  CHECK(spans_of(receiver.request(1)) == "[1]");
  CHECK(exporting.exporter->flush(kLong));
  CHECK(receiver.count() == 2);
  const std::string url = receiver.url();
  CHECK(comes_true(kLong, [&] { return exporting.host.lines().find("info:") != std::string::npos; }));
  CHECK(exporting.host.lines().find("warning: '" + url + "' does not take the telemetry: ") == 0);
  CHECK(exporting.host.lines().find("; it is tried again\ninfo: '" + url +
                                    "' takes the telemetry again; lost: 0 spans\n") != std::string::npos);
}

TEST_CASE("spans that are refused are lost, counted and said once", "[otlp]") {
  FakeReceiver receiver({reply("400 Bad Request")});
  Exporting exporting(receiver.url());
  exporting.exporter->add("1");
  exporting.exporter->add("2");
  const Error error = exporting.exporter->flush(kLong).error();
  CHECK(error.message ==
        "of the spans for '" + receiver.url() + "', 0 could not be delivered yet, and 2 were lost");
  exporting.exporter->add("3");
  CHECK_FALSE(exporting.exporter->flush(kLong));
  CHECK(receiver.count() == 2);
  const std::string lines = exporting.host.lines();
  CHECK(lines.find("warning: ") == 0);
  CHECK(lines.find('\n') == lines.size() - 1);
}

TEST_CASE("spans of which the receiver rejects some are lost, and not sent again", "[otlp]") {
  const std::string body = R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}})";
  FakeReceiver receiver(
      {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body});
  Exporting exporting(receiver.url());
  exporting.exporter->add("1");
  exporting.exporter->add("2");
  CHECK(exporting.exporter->flush(kLong).error().message ==
        "of the spans for '" + receiver.url() + "', 0 could not be delivered yet, and 1 were lost");
  CHECK(exporting.host.lines() ==
        "warning: '" + receiver.url() +
            "' does not take the telemetry: it rejected 1 of what it took: \"too old\"\n");
}

TEST_CASE("more spans than the buffer holds are lost and counted, the first ones stay", "[otlp]") {
  FakeReceiver receiver({reply("200 OK")});
  Exporting exporting(receiver.url(), {.interval = 1h, .buffer = 2});
  for (const char* span : {"1", "2", "3", "4", "5"}) exporting.exporter->add(span);
  CHECK(exporting.exporter->flush(kLong).error().message ==
        "of the spans for '" + receiver.url() + "', 0 could not be delivered yet, and 3 were lost");
  CHECK(spans_of(receiver.request(0)) == "[1,2]");
  CHECK(exporting.host.lines() == "warning: lost: 3 spans, because more than 2 waited to be sent\n");
}

TEST_CASE("without a receiver a flush fails at once, and the spans wait", "[otlp]") {
  const std::string url = "http://127.0.0.1:" + std::to_string(refused_port());
  Exporting exporting(url);
  exporting.exporter->add("1");
  const Error error = exporting.exporter->flush(kLong).error();
  CHECK(error.code == ErrorCode::unreachable);
  CHECK(error.message == "of the spans for '" + url + "', 1 could not be delivered yet, and 0 were lost");
  CHECK(exporting.exporter->flush(kLong));  // that has been said
  exporting.exporter->add("2");
  CHECK_FALSE(exporting.exporter->flush(kLong));
}

TEST_CASE("a receiver that never answers holds nobody up", "[otlp]") {
  FakeReceiver receiver({""});
  Exporting exporting(receiver.url(), {.interval = 1ms});
  exporting.exporter->add("1");
  receiver.request(0);           // from now on the thread waits for an answer
  exporting.exporter->add("2");  // which this does not
  CHECK_FALSE(exporting.exporter->flush(0ms));
  exporting.exporter.reset();  // nor this
  CHECK(receiver.was_left());
  CHECK(receiver.count() == 1);
  CHECK(exporting.host.lines().empty());
}

TEST_CASE("otlp tells a receiver of each generation that has ended, and of no other event", "[otlp]") {
  FakeReceiver receiver({reply("200 OK")});
  TestHost host;
  const auto monitor = otlp::make_monitor(Value::object({{"endpoint", receiver.url() + "/otlp"},
                                                         {"headers", Value::object({{"X-Key", "k"}})},
                                                         {"interval", 3'600'000},
                                                         {"metrics", false}}),
                                          host)
                           .value();
  MonitorEvent event{.kind = MonitorEvent::Kind::started, .provider = "p", .model = "m"};
  for (const auto kind : {MonitorEvent::Kind::started, MonitorEvent::Kind::first_token,
                          MonitorEvent::Kind::finished, MonitorEvent::Kind::failed}) {
    event.kind = kind;
    monitor->on_event(event);
  }
  CHECK(monitor->flush());
  CHECK(receiver.count() == 1);
  CHECK(receiver.request(0).rfind("POST /otlp/v1/traces HTTP/1.1\r\n", 0) == 0);
  CHECK(receiver.request(0).find("\r\nX-Key: k\r\n") != std::string::npos);
  const Value spans = base::parse_json(spans_of(receiver.request(0))).value();
  REQUIRE(spans.elements().size() == 2);
  const std::string id(spans.elements()[0]["traceId"].as_string());
  CHECK(id.size() == 32);
  CHECK(spans.elements()[0]["spanId"].as_string().size() == 16);
  CHECK(spans.elements()[1]["traceId"].as_string() != id);
}
