// SPDX-License-Identifier: MIT
#include "prometheus/families.hpp"

#include <array>
#include <chrono>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using exposition::exposition_text;
using exposition::metric_name;

namespace {

constexpr std::array<double, 2> kBounds{0.5, 1.0};
constexpr kit::Instrument kTimed{"gen_ai.client.inference.duration", "s", "Time", kBounds};
constexpr kit::Instrument kTokensEach{"gen_ai.client.inference.operation.input_tokens", "{token}", "Tokens",
                                      kBounds};
constexpr kit::Instrument kCounted{"tachikoma.requests", "{request}", "Generations"};

}  // namespace

TEST_CASE("names are Prometheus' own form of OpenTelemetry's", "[prometheus]") {
  CHECK(metric_name(kTimed) == "gen_ai_client_inference_duration_seconds");
  CHECK(metric_name(kTokensEach) == "gen_ai_client_inference_operation_input_tokens");
  CHECK(metric_name(kCounted) == "tachikoma_requests_total");
}

TEST_CASE("a histogram is cumulative and ends with a bucket for everything", "[prometheus]") {
  CHECK(exposition_text({{&kTimed, {{{{"gen_ai.request.model", "m"}}, 4.25, 4, {1, 2, 1}}}}}) ==
        "# HELP gen_ai_client_inference_duration_seconds Time\n"
        "# TYPE gen_ai_client_inference_duration_seconds histogram\n"
        "gen_ai_client_inference_duration_seconds_count{gen_ai_request_model=\"m\"} 4\n"
        "gen_ai_client_inference_duration_seconds_sum{gen_ai_request_model=\"m\"} 4.25\n"
        "gen_ai_client_inference_duration_seconds_bucket{gen_ai_request_model=\"m\",le=\"0.5\"} 1\n"
        "gen_ai_client_inference_duration_seconds_bucket{gen_ai_request_model=\"m\",le=\"1\"} 3\n"
        "gen_ai_client_inference_duration_seconds_bucket{gen_ai_request_model=\"m\",le=\"+Inf\"} 4\n");
}

TEST_CASE("any text can be a label", "[prometheus]") {
  CHECK(exposition_text({{&kCounted, {{{{"gen_ai.request.model", "a\"b\\c\nd"}}, 2, 2}}}}) ==
        "# HELP tachikoma_requests_total Generations\n"
        "# TYPE tachikoma_requests_total counter\n"
        "tachikoma_requests_total{gen_ai_request_model=\"a\\\"b\\\\c\\nd\"} 2\n");
}

TEST_CASE("without measurements there is nothing to show", "[prometheus]") {
  CHECK(exposition_text({}) == "");
}

TEST_CASE("every metric that there can be is shown", "[prometheus]") {
  kit::Measurements measured(10);
  MonitorEvent event{
      .kind = MonitorEvent::Kind::finished,
      .provider = "studio",
      .model = "m",
      .elapsed = 2s,
      .queue_time = 1s,
      .load_time = 500ms,
      .displaced = {"studio::other"},
      .retries = 2,
      .fallbacks = 1,
      .tool_uses = {{.name = "clock", .time = 20ms}, {.name = "clock", .time = 30ms, .failed = true}},
      .time_to_first_token = {250ms, Source::measured, "a clock"},
      .tokens_per_second = {20, Source::reported, "the server"},
      .usage = {10, 20, 5, 7},
      .finish = Finish::stop};
  measured.record(event);
  event.cached = true;
  measured.record(event);
  event.cached = false;
  event.kind = MonitorEvent::Kind::failed;
  event.error = Error(ErrorCode::timeout, "late");
  measured.record(event);
  check_golden("prometheus/metrics.txt", exposition_text(measured.read()));
}
