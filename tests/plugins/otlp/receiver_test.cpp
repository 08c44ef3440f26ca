// SPDX-License-Identifier: MIT
#include "otlp/receiver.hpp"

#include <chrono>

#include "otlp/retry_pause.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;
using otlp::Delivery;
using otlp::judge;
using otlp::retry_pause;

namespace {

Delivery judged(int status, std::string body = {}, std::string retry_after = {}) {
  return judge({.status = status, .retry_after = std::move(retry_after), .body = std::move(body)},
               "http://r");
}

}  // namespace

TEST_CASE("only some statuses mean that a request may be sent again", "[otlp]") {
  for (const int status : {429, 502, 503, 504}) CHECK(judged(status).kind == Delivery::Kind::later);
  for (const int status : {400, 401, 404, 413, 500, 501}) {
    INFO(status);
    CHECK(judged(status).kind == Delivery::Kind::refused);
    CHECK_FALSE(judged(status).reason.empty());
  }
  CHECK(judged(200).kind == Delivery::Kind::taken);
  CHECK(judged(202, "{}").reason.empty());
}

TEST_CASE("a receiver says when it wants to be asked again", "[otlp]") {
  CHECK(judged(503, "", "7").retry_after == 7s);
  CHECK_FALSE(judged(503).retry_after);
  CHECK_FALSE(judged(400, "", "7").retry_after);
}

TEST_CASE("what a receiver rejects of a request that it takes is counted", "[otlp]") {
  const Delivery some = judged(200, R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})");
  CHECK(some.kind == Delivery::Kind::taken);
  CHECK(some.rejected == 3);
  CHECK(some.reason == "it rejected 3 of what it took: \"too old\"");
  CHECK(judged(200, R"({"partialSuccess":{"rejectedDataPoints":2}})").rejected == 2);
  CHECK(judged(200, R"({"partialSuccess":{}})").reason.empty());
  CHECK(judged(200, R"({"partialSuccess":{"rejectedSpans":"-5"}})").rejected == 0);
  CHECK(judged(200, "<html>").reason.empty());
}

TEST_CASE("the pauses between attempts double, within bounds, and follow Retry-After", "[otlp]") {
  CHECK(retry_pause(1, {}, 0) == 1s);
  CHECK(retry_pause(2, {}, 0) == 2s);
  CHECK(retry_pause(2, {}, 1) == 1s);
  CHECK(retry_pause(6, {}, 0) == 30s);
  CHECK(retry_pause(1'000'000, {}, 0) == 30s);
  CHECK(retry_pause(3, 7s, 0.5) == 7s);
  CHECK(retry_pause(3, 0s, 0.5) == 0s);
  CHECK(retry_pause(1, 24h, 0) == 5min);
}
