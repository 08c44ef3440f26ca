// SPDX-License-Identifier: MIT
#include "jsonl/event_line.hpp"

#include <chrono>

#include "base/json.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;

namespace {

MonitorEvent event_of(MonitorEvent::Kind kind) {
  return {.kind = kind,
          .time = std::chrono::system_clock::time_point(1'700'000'000'007ms),
          .request_id = "r1",
          .provider = "studio",
          .model = "m",
          .elapsed = 2500us};
}

std::string line(const MonitorEvent& event, bool with_content = false) {
  return base::to_json(jsonl::describe(event, with_content));
}

const std::string kHead =
    R"("time":"2023-11-14T22:13:20.007Z","request_id":"r1","provider":"studio","model":"m","elapsed_ms":2.5)";

}  // namespace

TEST_CASE("a line of an early event has what is of all events", "[jsonl]") {
  CHECK(line(event_of(MonitorEvent::Kind::started)) ==
        R"({"schema_version":1,"kind":"started",)" + kHead + "}");
}

TEST_CASE("a line of a failure has the error with its code and what to do", "[jsonl]") {
  MonitorEvent event = event_of(MonitorEvent::Kind::failed);
  event.server = "http://127.0.0.1:1234";
  event.retries = 2;
  event.error =
      Error(ErrorCode::rate_limited, "too \"many\"", "wait", Value::object({{"retry_after_ms", 5}}));
  event.error.http_status = 429;
  CHECK(
      line(event) ==
      R"({"schema_version":1,"kind":"failed",)" + kHead +
          R"(,"served_model":"","server":"http://127.0.0.1:1234","queue_ms":0.0,"load_ms":0.0,"displaced":[],"steps":1,)"
          R"("retries":2,"fallbacks":0,"tool_uses":[],"cached":false,"error":{"code":"rate_limited","message":"too \"many\"",)"
          R"("hint":"wait","retryable":true,"http_status":429,"detail":{"retry_after_ms":5}}})");
}

TEST_CASE("a line of a finished generation has its times, its tokens, and whose numbers they are",
          "[jsonl]") {
  MonitorEvent event = event_of(MonitorEvent::Kind::finished);
  event.served_model = "m-1";
  event.queue_time = 3ms;
  event.load_time = 4ms;
  event.displaced = {"studio::other"};
  event.steps = 2;
  event.tool_uses = {{.name = "clock", .time = 1500us, .failed = true}};
  event.time_to_first_token = {500us, Source::measured, "a clock"};
  event.decode_time = 2ms;
  event.usage = {1, 2, std::nullopt, 0};
  event.finish = Finish::length;
  event.extra = Value::object({{"runtime", "metal"}});
  const Value said = jsonl::describe(event, false);
  CHECK(said["queue_ms"] == Value(3.0));
  CHECK(said["load_ms"] == Value(4.0));
  CHECK(said["displaced"] == Value::array({"studio::other"}));
  CHECK(base::to_json(said["tool_uses"]) == R"([{"name":"clock","time_ms":1.5,"failed":true}])");
  CHECK(said["finish"] == Value("length"));
  CHECK(base::to_json(said["time_to_first_token"]) ==
        R"({"value":0.5,"unit":"ms","source":"measured","basis":"a clock"})");
  CHECK(said["tokens_per_second"]["value"].is_null());
  CHECK(
      base::to_json(said["usage"]) ==
      R"({"prompt_tokens":1,"completion_tokens":2,"reasoning_tokens":null,"cached_tokens":0,"total_tokens":3})");
  CHECK(said["extra"]["runtime"] == Value("metal"));
  CHECK(said.find("error") == nullptr);
  CHECK(said.find("asked") == nullptr);
}

TEST_CASE("what was said is in a line that is asked for it, but no image", "[jsonl]") {
  MonitorEvent event = event_of(MonitorEvent::Kind::finished);
  event.asked = {{.role = Role::user, .text = "What is this?", .images = {{"image/png", "1234"}}}};
  event.answered = {{.role = Role::assistant, .tool_calls = {{"c1", "look", "{}"}}, .reasoning = "hm"}};
  const Value said = jsonl::describe(event, true);
  CHECK(base::to_json(said["asked"]) ==
        R"([{"role":"user","text":"What is this?","images":[{"mime_type":"image/png","bytes":4}]}])");
  CHECK(
      base::to_json(said["answered"]) ==
      R"([{"role":"assistant","text":"","reasoning":"hm","tool_calls":[{"id":"c1","name":"look","arguments":"{}"}]}])");
}
