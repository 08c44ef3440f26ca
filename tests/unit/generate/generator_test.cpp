// SPDX-License-Identifier: MIT
#include "generate/generator.hpp"

#include <future>
#include <stdexcept>

#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

struct GeneratorWorld {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  TestParts parts;

  explicit GeneratorWorld(FakeProvider::Chat chat, Timeouts timeouts = {}, Config config = {}) {
    fake->models = {{.key = "m"}};
    fake->on_chat = std::move(chat);
    parts = make_parts({setup("fake", fake, timeouts)}, std::move(config));
  }

  Result<Reply> generate(const DeltaCallback& on_delta = {}, GenerationSettings settings = {},
                         std::stop_token stop = {}) {
    return parts->generator.generate(
        {{.model = "m", .messages = {user("hi")}, .settings = settings, .stop = stop}}, on_delta);
  }
  Result<TextStream> stream(GenerationSettings settings = {}, std::stop_token stop = {}) {
    return parts.stream({.model = "m", .messages = {user("hi")}, .settings = settings, .stop = stop});
  }
};

Result<ChatOutcome> think_and_answer(const ChatRequest&, ChatSink& sink, const CallContext& context) {
  context.enter(Phase::waiting);
  sink.on_event({.channel = Channel::thinking, .text = "hm"});
  sink.on_event({.text = "Hello"});
  sink.on_event({.text = " you"});
  return ChatOutcome{
      .finish = Finish::stop, .usage = {.prompt_tokens = 3, .completion_tokens = 4}, .served_model = "m:2"};
}

// Answers until it is told to stop.
Result<ChatOutcome> never_end(const ChatRequest&, ChatSink& sink, const CallContext& context) {
  while (sink.on_event({.text = "x"}) == Flow::proceed && !context.cancellation.requested()) {
  }
  return ChatOutcome{};
}

Result<ChatOutcome> hang(const ChatRequest&, ChatSink&, const CallContext& context) {
  wait_for_cancel(context);
  return Error(ErrorCode::protocol, "whatever the provider makes of it");
}

std::string describe(const Delta& delta) {
  std::string text(to_string(delta.kind));
  if (delta.kind == Delta::Kind::channel_start) return text + ":" + std::string(to_string(delta.channel));
  return delta.content.empty() ? text : text + ":" + std::string(delta.content);
}

}  // namespace

TEST_CASE("a reply has its text, channels, usage and the model that served it", "[generate]") {
  GeneratorWorld world(think_and_answer);
  const Reply reply = world.generate().value();
  CHECK(reply.text == "Hello you");
  CHECK(reply.channels[Channel::thinking] == "hm");
  CHECK(reply.usage.total_tokens() == 7);
  CHECK(reply.finish == Finish::stop);
  CHECK(reply.provider == "fake");
  CHECK(reply.model == "m:2");
  CHECK(reply.metrics.time_to_first_token.source == Source::measured);
}

TEST_CASE("deltas say where a channel starts, then the text, the usage and the end", "[generate]") {
  GeneratorWorld world(think_and_answer);
  std::vector<std::string> seen;
  const auto note = [&](const Delta& delta) {
    seen.push_back(describe(delta));
    return Flow::proceed;
  };
  const std::vector<std::string> expected = {"channel_start:thinking",
                                             "reasoning:hm",
                                             "channel_start:final",
                                             "text:Hello",
                                             "text: you",
                                             "usage",
                                             "end"};
  REQUIRE(world.generate(note));
  CHECK(seen == expected);
  seen.clear();
  TextStream stream = world.stream().value();
  for (const Delta& delta : stream) note(delta);
  CHECK(seen == expected);
  CHECK(stream.reply().value().text == "Hello you");
}

TEST_CASE("a tool call that comes in pieces is delivered whole, with its index kept apart", "[generate]") {
  GeneratorWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) {
    const auto piece = [&](std::uint32_t index, std::string_view id, std::string_view name,
                           std::string_view text) {
      sink.on_event(
          {.kind = ChatEvent::Kind::tool_call, .index = index, .text = text, .id = id, .name = name});
    };
    piece(0, "a", "first", "{\"x\"");
    piece(1, "b", "second", "{");
    piece(0, "", "", ":1}");
    piece(1, "", "", "}");
    return ChatOutcome{.finish = Finish::tool_calls};
  });
  std::vector<std::string> calls;
  const Reply reply = world
                          .generate([&](const Delta& delta) {
                            if (delta.call) calls.push_back(delta.call->name + delta.call->arguments);
                            return Flow::proceed;
                          })
                          .value();
  CHECK(calls == std::vector<std::string>{"first{\"x\":1}", "second{}"});
  REQUIRE(reply.tool_calls.size() == 2);
  CHECK(reply.tool_calls[1].id == "b");
}

TEST_CASE("a callback that stops keeps what came so far", "[generate]") {
  GeneratorWorld world(never_end);
  const auto stop_after_three = [count = 0](const Delta& delta) mutable {
    return delta.kind == Delta::Kind::text && ++count == 3 ? Flow::stop : Flow::proceed;
  };
  const Reply reply = world.generate(stop_after_three).value();
  CHECK(reply.text == "xxx");
  CHECK(reply.finish == Finish::cancelled);
  CHECK(world.generate(stop_after_three, {.streaming_buffer_size = 2}).value().finish == Finish::cancelled);
}

TEST_CASE("what a callback throws reaches the caller, past the provider", "[generate]") {
  GeneratorWorld world(never_end);
  const auto fail = [](const Delta&) -> Flow { throw std::runtime_error("mine"); };
  CHECK_THROWS_WITH(world.generate(fail), "mine");
  CHECK_THROWS_WITH(world.generate(fail, {.streaming_buffer_size = 4}), "mine");
}

TEST_CASE("a stop token ends a call that hangs", "[generate]") {
  GeneratorWorld world(hang);
  std::stop_source source;
  auto running = std::async(std::launch::async, [&] { return world.generate({}, {}, source.get_token()); });
  source.request_stop();
  const Result<Reply> reply = running.get();
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::cancelled);
}

TEST_CASE("each clock stops its phase and gives the error its name", "[generate][clocks]") {
  const auto hang_in = [](Phase phase) {
    return [phase](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
      context.enter(phase);
      return hang(request, sink, context);
    };
  };
  const auto clock_of = [](FakeProvider::Chat chat, Timeouts timeouts) {
    GeneratorWorld world(std::move(chat), timeouts);
    const Result<Reply> reply = world.generate();
    if (reply || reply.error().code != ErrorCode::timeout) return std::string("no timeout");
    return std::string(reply.error().detail["clock"].as_string()) + ": " + reply.error().message;
  };
  CHECK(clock_of(hang, {.connect = 5ms}) == "connect: no connection to 'fake' within 5 ms");
  CHECK(clock_of(hang_in(Phase::loading), {.load = 5ms}) == "load: no loaded model at 'fake' within 5 ms");
  CHECK(clock_of(hang_in(Phase::waiting), {.first_token = 5ms}) ==
        "first_token: no first token from 'fake' within 5 ms");
  CHECK(clock_of(hang_in(Phase::waiting), {.first_token = 0ms, .total = 5ms}) ==
        "total: no end of the call to 'fake' within 5 ms");
  const auto one_token = [](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    sink.on_event({.text = "x"});
    return hang(request, sink, context);
  };
  CHECK(clock_of(one_token, {.connect = 0ms, .between_tokens = 5ms}) ==
        "between_tokens: no further token from 'fake' within 5 ms");
}

TEST_CASE("a consumer that takes its time is not taken for a slow server", "[generate][clocks]") {
  GeneratorWorld world(think_and_answer, {.between_tokens = 100ms});
  CHECK(world.generate([&](const Delta&) {
    // the timer looks at deadlines in order: once this one came, it has looked at the call's too
    std::promise<void> later;
    Timer& timer = world.parts->providers.timer();
    const Timer::Id id = timer.arm(Timer::Clock::now() + 150ms, [&] {
      later.set_value();
      return Timer::Clock::time_point::max();
    });
    later.get_future().wait();
    timer.disarm(id);
    return Flow::proceed;
  }));
}

TEST_CASE("leaving a stream ends its generation", "[stream]") {
  std::promise<void> ended;
  GeneratorWorld world([&](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    auto outcome = never_end(request, sink, context);
    ended.set_value();
    return outcome;
  });
  {
    TextStream stream = world.stream().value();
    for (const Delta& delta : stream)
      if (!delta.text().empty()) break;
  }
  CHECK(ended.get_future().wait_for(0s) == std::future_status::ready);
}

TEST_CASE("a cancelled stream gives what had arrived, then `cancelled`, as an exception in a range",
          "[stream]") {
  GeneratorWorld world(never_end);
  TextStream stream = world.stream().value();
  REQUIRE(stream.next());
  stream.cancel();
  const auto drain = [&] {
    while (stream.next().value()) {
    }
  };
  CHECK_THROWS_AS(drain(), Cancelled);
  CHECK(stream.reply().error().code == ErrorCode::cancelled);
}

TEST_CASE("a failure after some text is thrown by the increment, once the text was seen", "[stream]") {
  GeneratorWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    sink.on_event({.text = "half"});
    return Error(ErrorCode::model_lost, "gone");
  });
  std::string text;
  const auto read = [&] {
    for (const Delta& delta : world.stream().value()) text += delta.text();
  };
  CHECK_THROWS_AS(read(), ModelLost);
  CHECK(text == "half");
}

TEST_CASE("a buffer size joins deltas without losing or mixing channels", "[stream]") {
  GeneratorWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) {
    for (int i = 0; i < 10; ++i) sink.on_event({.channel = Channel::thinking, .text = "t"});
    for (int i = 0; i < 10; ++i) sink.on_event({.text = "a"});
    return ChatOutcome{.finish = Finish::stop};
  });
  std::string text, reasoning;
  std::size_t longest = 0, deltas = 0;
  for (const Delta& delta : world.stream({.streaming_buffer_size = 5}).value()) {
    text += delta.text();
    reasoning += delta.reasoning();
    longest = std::max(longest, delta.content.size());
    deltas += !delta.content.empty();
  }
  CHECK(text == "aaaaaaaaaa");
  CHECK(reasoning == "tttttttttt");
  CHECK(longest == 5);
  CHECK(deltas == 4);
}

TEST_CASE("monitors see start, first token and end, or the failure", "[generate][monitor]") {
  struct Recorder final : Monitor {
    std::vector<std::string>* seen;
    explicit Recorder(std::vector<std::string>* list) : seen(list) {}
    void on_event(const MonitorEvent& event) override {
      seen->push_back(std::string(to_string(event.kind)) + ":" + event.model + event.error.message);
    }
  };
  std::vector<std::string> seen;
  GeneratorWorld world(think_and_answer);
  world.parts->monitors.add("r", std::make_shared<Recorder>(&seen));
  REQUIRE(world.generate());
  world.fake->on_chat = [](auto&&...) -> Result<ChatOutcome> {
    return Error(ErrorCode::model_lost, " gone");
  };
  REQUIRE(!world.generate());
  world.parts->monitors.flush();
  CHECK(seen ==
        std::vector<std::string>{"started:m", "first_token:m", "finished:m", "started:m", "failed:m gone"});
}

TEST_CASE("speed is measured only where there is something to measure", "[generate]") {
  GeneratorWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = "x"});
    return ChatOutcome{};
  });
  const Reply reply = world.generate().value();
  CHECK(!reply.metrics.tokens_per_second);
  CHECK(reply.metrics.tokens_per_second.basis == "the server did not report its completion tokens");
}
