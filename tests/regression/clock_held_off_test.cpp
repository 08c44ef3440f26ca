// SPDX-License-Identifier: MIT
// The clock of the first token restarted with each report of progress, but only if somebody listened: the
// same server timed out for `generate_text` and not for `stream_text`, and one that reported the same
// progress over and over was waited for without end. Other repetitions held off clocks as well.
#include <cmath>

#include "calls/clocks.hpp"
#include "calls/furthest.hpp"
#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Sends `event(i)` until it is stopped, and returns what became of the call.
template <class Event>
Result<Reply> flood(const Event& event, bool listens) {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = [event](const ChatRequest&, ChatSink& sink, const CallContext& context) {
    for (int i = 0; !context.cancellation.requested(); ++i)
      if (event(i, sink, context) == Flow::stop) break;
    return ChatOutcome{};
  };
  auto parts = make_parts({setup("fake", fake, {.load = 30ms, .first_token = 30ms, .between_tokens = 30ms})});
  const DeltaCallback listen = [](const Delta&) { return Flow::proceed; };
  return parts->generator.generate({{.model = "m", .messages = {user("hi")}}},
                                   listens ? listen : DeltaCallback{});
}

std::string clock_of(const Result<Reply>& reply) {
  return reply ? "none" : std::string(reply.error().detail["clock"].as_string());
}

ChatEvent progress(double fraction, std::string_view of = "prompt") {
  return {.kind = ChatEvent::Kind::progress, .fraction = fraction, .text = of};
}

}  // namespace

TEST_CASE("progress that stands still, falls back or has no number holds off no clock, whoever listens",
          "[clocks]") {
  const bool listens = GENERATE(true, false);
  const auto reports = [](auto fraction) {
    return [fraction](int i, ChatSink& sink, const CallContext& context) {
      if (i == 0) context.enter(Phase::waiting);
      return sink.on_event(progress(fraction(i)));
    };
  };
  CHECK(clock_of(flood(reports([](int) { return 0.5; }), listens)) == "first_token");
  CHECK(clock_of(flood(reports([](int i) { return i % 2 ? 0.5 : 0.2; }), listens)) == "first_token");
  CHECK(clock_of(flood(reports([](int) { return std::nan(""); }), listens)) == "first_token");
  CHECK(clock_of(flood(reports([](int i) { return i % 3 == 0 ? 0.5 : 0; }), listens)) == "first_token");
}

TEST_CASE("what repeats a phase, a call without arguments or a notice holds off no clock", "[clocks]") {
  const bool listens = GENERATE(true, false);
  const auto phases = [](int i, ChatSink& sink, const CallContext& context) {
    context.enter(i % 2 ? Phase::waiting : Phase::loading);
    return sink.on_event({.kind = ChatEvent::Kind::notice, .text = "still here"});
  };
  CHECK(clock_of(flood(phases, listens)) != "none");
  const auto calls = [](int, ChatSink& sink, const CallContext&) {
    return sink.on_event({.kind = ChatEvent::Kind::tool_call, .id = "1", .name = "f"});
  };
  CHECK(clock_of(flood(calls, listens)) == "between_tokens");
  const auto blanks = [](int i, ChatSink& sink, const CallContext&) {
    return sink.on_event({.text = i == 0 ? "a" : ""});
  };
  CHECK(clock_of(flood(blanks, listens)) == "between_tokens");
  const auto moves = [](int i, ChatSink& sink, const CallContext&) {
    return i == 0 ? sink.on_event({.text = "a"})
                  : sink.on_event({.kind = ChatEvent::Kind::rechannel, .channel = Channel::thinking});
  };
  CHECK(clock_of(flood(moves, listens)) == "between_tokens");
}

TEST_CASE("progress is what is further than before, of each thing that is reported", "[clocks]") {
  calls::Furthest reached;
  CHECK_FALSE(reached.advances("prompt", 0));
  CHECK(reached.advances("prompt", 0.1));
  CHECK_FALSE(reached.advances("prompt", 0.1));
  CHECK_FALSE(reached.advances("prompt", 0.05));
  CHECK_FALSE(reached.advances("prompt", std::nan("")));
  CHECK(reached.advances("load", 0.05));
  CHECK(reached.advances("prompt", 0.2));
  for (int i = 0; i < 1000; ++i) reached.advances("step " + std::to_string(i), 1);
  CHECK_FALSE(reached.advances("step 1000", 1));
}

TEST_CASE("a download whose bytes come and go holds off no clock", "[clocks]") {
  ModelWorld world({}, {.load = 30ms});
  world.server->on_download = [](const DownloadRequest&, DownloadSink& sink, const CallContext& context) {
    context.enter(Phase::loading);
    for (int i = 0; !context.cancellation.requested(); ++i)
      if (sink.on_progress({.done_bytes = i % 2 ? 10 : 20}) == Flow::stop) break;
    return Result<Downloaded>(Error(ErrorCode::cancelled, "cancelled"));
  };
  const auto downloaded = world.parts->management.download(world.fake(), {.name = "x"}, {}, {});
  REQUIRE(!downloaded);
  CHECK(downloaded.error().detail["clock"].as_string() == "load");
}

TEST_CASE("the caller's own time in a callback counts for no clock, and gives none back", "[clocks]") {
  Timer timer;
  CallCancellation cancellation;
  CallClocks clocks(timer, {.connect = 1h, .load = 1h, .first_token = 1h, .between_tokens = 1h, .total = {}},
                    cancellation);
  clocks.on_phase(Phase::waiting);
  const auto left = clocks.left();
  CHECK(left <= 1h);
  clocks.pause();
  clocks.resume(left - 1min);
  CHECK(clocks.left() <= 59min);
  clocks.on_phase(Phase::loading);
  clocks.on_phase(Phase::waiting);  // goes on where it was
  CHECK(clocks.left() <= 59min);
  clocks.advance();
  CHECK(clocks.left() > 59min);
}
