// SPDX-License-Identifier: MIT
// A reply of 900,000 calls under as many indexes took a minute of CPU, during which no cancellation was
// looked at: each piece was compared with every call before, and one without a name or arguments was no
// event.
#include <functional>
#include <string>
#include <vector>

#include "common/chat/answer_text.hpp"
#include "common/chat/tool_call_tracker.hpp"
#include "plugins/common/chat/playback.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

#ifdef TACHIKOMA_SANITIZED  // which looks at the code; whether the work grows too fast is seen without
constexpr std::int64_t kFlood = 30'000;
constexpr std::size_t kFloodBytes = 400'000;
#else
constexpr std::int64_t kFlood = 300'000;
constexpr std::size_t kFloodBytes = 4'000'000;
#endif

// Counts events, and wants no more after `most`.
struct FloodGauge final : ChatSink {
  Flow on_event(const ChatEvent& event) override {
    ++events;
    calls += event.kind == ChatEvent::Kind::tool_call;
    return events < most ? Flow::proceed : Flow::stop;
  }
  std::int64_t events = 0;
  std::int64_t calls = 0;
  std::int64_t most = 1'000'000'000;
};

using MakeFragment = std::function<kit::CallFragment(std::int64_t number, std::string& id)>;

// Events of so many fragments, sent until the sink wants no more.
FloodGauge pour(std::int64_t fragments, const MakeFragment& make, std::int64_t most = 1'000'000'000) {
  FloodGauge gauge;
  gauge.most = most;
  kit::ToolCallTracker tracker(gauge);
  for (std::int64_t i = 0; i < fragments; ++i) {
    std::string id = "id" + std::to_string(i);
    if (tracker.on_fragment(make(i, id)) == Flow::stop) break;
  }
  return gauge;
}

const std::pair<const char*, MakeFragment> kFloods[] = {
    {"other indexes", [](std::int64_t i, std::string&) { return kit::CallFragment{.index = i}; }},
    {"indexes that go down", [](std::int64_t i, std::string&) { return kit::CallFragment{.index = -i}; }},
    {"other indexes and ids",
     [](std::int64_t i, std::string& id) { return kit::CallFragment{.index = i, .id = id}; }},
    {"one index, other ids",
     [](std::int64_t, std::string& id) { return kit::CallFragment{.index = 0, .id = id, .name = "f"}; }},
    {"ids and names", [](std::int64_t, std::string& id) { return kit::CallFragment{.id = id, .name = "f"}; }},
    {"names alone",
     [](std::int64_t, std::string&) { return kit::CallFragment{.name = "f", .arguments = "{}"}; }},
};

}  // namespace

TEST_CASE("every call of a flood is an event, and the work grows with their number alone", "[streams]") {
  for (const auto& [name, make] : kFloods) {
    INFO(name);
    CHECK(pour(kFlood, make).events >= kFlood);
  }
}

TEST_CASE("a sink that wants no more of a flood is asked no more", "[streams]") {
  for (const auto& [name, make] : kFloods) {
    INFO(name);
    CHECK(pour(kFlood, make, 10).events == 10);
  }
}

TEST_CASE("fragments find their call again among very many", "[streams]") {
  struct Arguments final : ChatSink {
    Flow on_event(const ChatEvent& event) override {
      if (event.index == 5) fifth += event.text;
      return Flow::proceed;
    }
    std::string fifth;
  } sink;
  kit::ToolCallTracker tracker(sink);
  for (std::int64_t i = 0; i < 50'000; ++i) tracker.on_fragment({.index = i, .name = "f"});
  tracker.on_fragment({.index = 5, .arguments = "by index"});
  tracker.on_fragment({.index = 0, .id = "a", .name = "f"});
  tracker.on_fragment({.index = 5, .id = "b", .arguments = ", with an id"});
  tracker.on_fragment({.id = "b", .arguments = ", by the id alone"});
  CHECK(sink.fifth == "by index, with an id, by the id alone");
}

TEST_CASE("one chunk of very many calls, and one text of very many marks, are read in time", "[streams]") {
  std::string chunk =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: "
      "{\"choices\":[{\"delta\":{\"tool_calls\":[";
  for (std::int64_t i = 0; i < kFlood; ++i)
    chunk += (i ? ",{\"index\":" : "{\"index\":") + std::to_string(i) + "}";
  Playback calls;
  calls.feed_copied(chunk + "]},\"finish_reason\":\"tool_calls\"}]}\n\n");
  CHECK(calls.finish().find("finish: tool_calls") != std::string::npos);

  const auto text_of = [](const std::string& mark) {
    std::string text;
    while (text.size() < kFloodBytes) text += mark;
    return text;
  };
  for (const std::string mark :
       {"[", "<", "<tool_call>x", "<tool_call>{", "[TOOL_REQUEST]", "<think>", "[<"}) {
    INFO(mark);
    FloodGauge gauge;
    kit::ToolCallTracker tracker(gauge);
    const std::vector<ToolSpec> tools{{.name = "f", .description = {}, .parameters = {}}};
    kit::AnswerText answer(gauge, tracker, tools);
    const std::string text = text_of(mark);
    answer.push(text);
    answer.finish();
    CHECK(gauge.events > 0);
  }
}

TEST_CASE("content in very many parts is joined in time", "[streams]") {
  std::string chunk =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: "
      "{\"choices\":[{\"delta\":{\"content\":[";
  for (std::int64_t i = 0; i < kFlood; ++i) chunk += i ? ",{\"text\":\"ab\"}" : "{\"text\":\"ab\"}";
  Playback parts;
  parts.feed_copied(chunk + "]},\"finish_reason\":\"stop\"}]}\n\n");
  const std::string seen = parts.finish();
  CHECK(seen.size() > 2 * static_cast<std::size_t>(kFlood));
}
