// SPDX-License-Identifier: MIT
#include "otlp/otlp_json.hpp"

#include <array>
#include <chrono>

#include "base/json.hpp"
#include "otlp/metrics_json.hpp"
#include "otlp/span_json.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::system_clock::time_point kEnd{1'700'000'000'000ms};

MonitorEvent ended(MonitorEvent::Kind kind) {
  return {.kind = kind,
          .time = kEnd,
          .request_id = "r1",
          .provider = "studio",
          .model = "m",
          .elapsed = 2s,
          .server = "http://127.0.0.1:1234"};
}

// The attribute of that name: {"stringValue": …}.
const Value& attribute(const Value& owner, std::string_view name) {
  static const Value none;
  for (const Value& each : owner["attributes"].elements())
    if (each["key"].as_string() == name) return each["value"];
  return none;
}

}  // namespace

TEST_CASE("a span has the times of its generation in texts, and its ids as they are", "[otlp]") {
  const Value span = otlp::span_of(ended(MonitorEvent::Kind::finished), "0af7", "b7ad");
  CHECK(span["traceId"] == Value("0af7"));
  CHECK(span["spanId"] == Value("b7ad"));
  CHECK(span["name"] == Value("chat m"));
  CHECK(span["kind"] == Value(3));
  CHECK(span["startTimeUnixNano"] == Value("1699999998000000000"));
  CHECK(span["endTimeUnixNano"] == Value("1700000000000000000"));
  CHECK(span.find("events") == nullptr);
  CHECK(span.find("status") == nullptr);
}

TEST_CASE("a span has the attributes of the conventions", "[otlp]") {
  MonitorEvent event = ended(MonitorEvent::Kind::finished);
  event.served_model = "m-1";
  event.time_to_first_token = {500ms, Source::measured, "a clock"};
  event.usage = {10, 20, 5, 7};
  event.finish = Finish::length;
  event.queue_time = 1s;
  event.displaced = {"studio::other"};
  event.retries = 2;
  const Value span = otlp::span_of(event, "0af7", "b7ad");
  CHECK(attribute(span, "gen_ai.operation.name")["stringValue"] == Value("chat"));
  CHECK(attribute(span, "gen_ai.provider.name")["stringValue"] == Value("studio"));
  CHECK(attribute(span, "gen_ai.request.model")["stringValue"] == Value("m"));
  CHECK(attribute(span, "gen_ai.response.model")["stringValue"] == Value("m-1"));
  CHECK(base::to_json(attribute(span, "gen_ai.response.finish_reasons")) ==
        R"({"arrayValue":{"values":[{"stringValue":"length"}]}})");
  CHECK(attribute(span, "gen_ai.response.time_to_first_chunk")["doubleValue"] == Value(0.5));
  CHECK(attribute(span, "gen_ai.usage.input_tokens")["intValue"] == Value("10"));
  CHECK(attribute(span, "gen_ai.usage.output_tokens")["intValue"] == Value("20"));
  CHECK(attribute(span, "gen_ai.usage.reasoning.output_tokens")["intValue"] == Value("5"));
  CHECK(attribute(span, "gen_ai.usage.cache_read.input_tokens")["intValue"] == Value("7"));
  CHECK(attribute(span, "server.address")["stringValue"] == Value("127.0.0.1"));
  CHECK(attribute(span, "server.port")["intValue"] == Value("1234"));
  CHECK(attribute(span, "tachikoma.request.id")["stringValue"] == Value("r1"));
  CHECK(attribute(span, "tachikoma.queue.time")["doubleValue"] == Value(1.0));
  CHECK(base::to_json(attribute(span, "tachikoma.displaced")) ==
        R"({"arrayValue":{"values":[{"stringValue":"studio::other"}]}})");
  CHECK(attribute(span, "tachikoma.retries")["intValue"] == Value("2"));
  CHECK(attribute(span, "tachikoma.load.time").is_null());
  CHECK(attribute(span, "error.type").is_null());
}

TEST_CASE("what was not reported is in no span", "[otlp]") {
  MonitorEvent event = ended(MonitorEvent::Kind::finished);
  event.server.clear();
  const std::string text = base::to_json(otlp::span_of(event, "0af7", "b7ad"));
  for (const char* absent : {"usage", "first_chunk", "server.", "response.model"})
    CHECK(text.find(absent) == std::string::npos);
}

TEST_CASE("the events of a span are the first token and the tools", "[otlp]") {
  MonitorEvent event = ended(MonitorEvent::Kind::finished);
  event.time_to_first_token = {500ms, Source::measured, "a clock"};
  event.tool_uses = {{.name = "clock", .time = 250ms, .failed = true}};
  const Value span = otlp::span_of(event, "0af7", "b7ad");
  const auto& events = span["events"].elements();
  REQUIRE(events.size() == 2);
  CHECK(base::to_json(events[0]) ==
        R"({"timeUnixNano":"1699999998500000000","name":"tachikoma.first_token"})");
  CHECK(events[1]["name"] == Value("tachikoma.tool_use"));
  CHECK(events[1]["timeUnixNano"] == span["endTimeUnixNano"]);
  CHECK(attribute(events[1], "gen_ai.tool.name")["stringValue"] == Value("clock"));
  CHECK(attribute(events[1], "tachikoma.tool.time")["doubleValue"] == Value(0.25));
  CHECK(attribute(events[1], "error.type")["stringValue"] == Value("tool_failed"));
}

TEST_CASE("the span of a failure says what went wrong", "[otlp]") {
  MonitorEvent event = ended(MonitorEvent::Kind::failed);
  event.error = Error(ErrorCode::timeout, "too late");
  const Value span = otlp::span_of(event, "0af7", "b7ad");
  CHECK(base::to_json(span["status"]) == R"({"message":"too late","code":2})");
  CHECK(attribute(span, "error.type")["stringValue"] == Value("timeout"));
  CHECK(attribute(span, "gen_ai.response.finish_reasons").is_null());
}

TEST_CASE("metrics are cumulative: counters are whole numbers, histograms have their buckets", "[otlp]") {
  static constexpr std::array<double, 2> kTwoBounds{0.5, 1};
  static constexpr kit::Instrument kSeconds{"a.time", "s", "Time", kTwoBounds};
  static constexpr kit::Instrument kNumber{"a.number", "{request}", "Number"};
  const auto json = [](const kit::Metric& metric) {
    return base::to_json(otlp::metric_of(metric, kEnd - 1s, kEnd));
  };
  const std::string point =
      R"({"attributes":[{"key":"k","value":{"stringValue":"v"}}],"startTimeUnixNano":"1699999999000000000",)"
      R"("timeUnixNano":"1700000000000000000",)";
  CHECK(
      json({&kSeconds, {{{{"k", "v"}}, 4.25, 4, {1, 2, 1}}}}) ==
      R"({"name":"a.time","description":"Time","unit":"s","histogram":{"dataPoints":[)" + point +
          R"("count":"4","sum":4.25,"bucketCounts":["1","2","1"],"explicitBounds":[0.5,1.0]}],"aggregationTemporality":2}})");
  CHECK(json({&kNumber, {{{{"k", "v"}}, 3, 3, {}}}}) ==
        R"({"name":"a.number","description":"Number","unit":"{request}","sum":{"dataPoints":[)" + point +
            R"("asInt":"3"}],"aggregationTemporality":2,"isMonotonic":true}})");
}

TEST_CASE("an envelope names the program, and says which conventions apply", "[otlp]") {
  const otlp::Envelope envelope = otlp::trace_envelope("a \"service\"", "1f");
  const Value request = base::parse_json(envelope.before + "1" + envelope.after).value();
  const Value& of_program = request["resourceSpans"].elements().at(0);
  CHECK(attribute(of_program["resource"], "service.name")["stringValue"] == Value("a \"service\""));
  CHECK(attribute(of_program["resource"], "service.instance.id")["stringValue"] == Value("1f"));
  const Value& of_scope = of_program["scopeSpans"].elements().at(0);
  CHECK(of_scope["scope"]["name"] == Value("tachikoma"));
  CHECK(of_scope["spans"] == Value::array({1}));
  CHECK(of_scope["schemaUrl"] == Value("https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev"));
}
