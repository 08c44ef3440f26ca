// SPDX-License-Identifier: MIT
#include "generate/cached_answer.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "caching_world.hpp"
#include "support/catch.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// What a delta says, as a line.
std::string line_of(const Delta& delta) {
  std::string line(to_string(delta.kind));
  line.append(" ").append(to_string(delta.channel)).append(" ").append(delta.content);
  if (delta.call) line.append(delta.call->id + delta.call->name + delta.call->arguments);
  if (delta.usage.total_tokens()) line += std::to_string(*delta.usage.total_tokens());
  return line.append(" ").append(to_string(delta.finish));
}

Result<ChatOutcome> think_and_call(const ChatRequest&, ChatSink& sink, const CallContext&) {
  sink.on_event({.text = "hm"});
  sink.on_event({.kind = ChatEvent::Kind::rechannel, .channel = Channel::thinking});
  sink.on_event({.kind = ChatEvent::Kind::progress, .fraction = 0.5, .text = "prompt"});
  sink.on_event({.text = "Hello"});
  sink.on_event({.text = " you"});
  sink.on_event({.kind = ChatEvent::Kind::notice, .text = "a notice"});
  sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "{\"n\"", .id = "c1", .name = "theirs"});
  sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = ":1}"});
  return ChatOutcome{.finish = Finish::tool_calls,
                     .usage = {.prompt_tokens = 3, .completion_tokens = 4},
                     .served_model = "m:2",
                     .extra = Value::object({{"id", "x"}}),
                     .tokens_per_second = {50, Source::reported, "fake"}};
}

}  // namespace

TEST_CASE("an answer that was given before is given again, delta by delta, and nobody is asked", "[cache]") {
  CachingWorld world(think_and_call);
  world.request.tools = {{.name = "theirs"}};
  std::vector<std::string> seen;
  const auto note = [&](const Delta& delta) {
    if (delta.kind != Delta::Kind::progress) seen.push_back(line_of(delta));
    return Flow::proceed;
  };
  const Reply first = world.ask(note).value();
  CHECK_FALSE(first.cached);
  const std::vector<std::string> expected = std::exchange(seen, {});
  REQUIRE(expected.size() == 8);

  Reply again;
  SECTION("to a callback") { again = world.ask(note).value(); }
  SECTION("as a whole") {
    again = world.ask().value();
    seen = expected;
  }
  SECTION("as a range") {
    TextStream stream = world.parts.stream(world.request).value();
    for (const Delta& delta : stream) note(delta);
    again = stream.reply().value();
  }
  SECTION("asynchronously") { again = world.ask_async(note).value(); }
  SECTION("in joined deltas") {
    world.request.settings.streaming_buffer_size = 8;
    world.ask().value();
    world.asked = 1;
    std::string text;
    again = world
                .ask([&](const Delta& delta) {
                  text += delta.text();
                  return Flow::proceed;
                })
                .value();
    CHECK(text == "hmHello you");
    seen = expected;
  }
  CHECK(seen == expected);
  CHECK(world.asked == 1);
  CHECK(again.cached);
  CHECK(again.provider == "fake");
  CHECK(again.model == "m:2");
  CHECK(again.text == "Hello you");
  CHECK(again.channels[Channel::thinking] == "hm");
  REQUIRE(again.tool_calls.size() == 1);
  CHECK(again.tool_calls[0].arguments == "{\"n\":1}");
  CHECK(again.finish == Finish::tool_calls);
  CHECK(again.usage == first.usage);
  CHECK(again.notices == first.notices);
  CHECK(again.extra == first.extra);
  CHECK(again.messages.size() == 1);
}

TEST_CASE("an answer that was kept asynchronously is there for whoever asks next", "[cache]") {
  CachingWorld world(say_hello);
  world.fake->offers_async = GENERATE(true, false);
  CHECK_FALSE(world.ask_async().value().cached);
  CHECK(world.ask().value().cached);
  CHECK(world.ask_async().value().cached);
  CHECK(world.asked == 1);
}

TEST_CASE("the times of a cached answer are its own, and it has no speed", "[cache]") {
  CachingWorld world(think_and_call);
  world.request.tools = {{.name = "theirs"}};
  CHECK(world.ask().value().metrics.tokens_per_second.value == 50);
  const Metrics metrics = world.ask().value().metrics;
  CHECK(metrics.total_time.source == Source::measured);
  CHECK(metrics.time_to_first_token.source == Source::measured);
  CHECK(metrics.tokens_per_second == Sourced<double>{.basis = "the answer is of the response cache"});
  CHECK(metrics.prompt_tokens_per_second == metrics.tokens_per_second);
}

TEST_CASE("a monitor is told that an answer is cached", "[cache][monitor]") {
  struct Seen final : Monitor {
    void on_event(const MonitorEvent& event) override {
      if (event.kind == MonitorEvent::Kind::finished) cached.push_back(event.cached);
    }
    std::vector<bool> cached;
  };
  CachingWorld world(say_hello);
  const auto seen = std::make_shared<Seen>();
  world.parts->monitors.add("seen", seen);
  world.ask().value();
  world.ask().value();
  world.parts->monitors.flush();
  CHECK(seen->cached == std::vector<bool>{false, true});
}

TEST_CASE("an answer is kept as it was asked for", "[cache]") {
  const Finish finish = GENERATE(Finish::stop, Finish::length);
  CachingWorld world([finish](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = "Hello"});
    return ChatOutcome{.finish = finish};
  });
  world.ask().value();
  CHECK(world.ask().value().finish == finish);
  CHECK(world.asked == 1);
}

TEST_CASE("what is no whole answer is not kept", "[cache]") {
  const auto ends = [](Finish finish, const char* text = "Hello") {
    return [=](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      sink.on_event({.text = text});
      return ChatOutcome{.finish = finish, .usage = {.prompt_tokens = 1}};
    };
  };
  SECTION("one that a content filter ended") {
    CachingWorld world(ends(Finish::content_filter));
    CHECK(world.ask());
    CHECK_FALSE(world.is_kept());
  }
  SECTION("one of which it is not known how it ended") {
    CachingWorld world(ends(Finish::unknown));
    CHECK(world.ask());
    CHECK_FALSE(world.is_kept());
  }
  SECTION("an empty one") {
    CachingWorld world(ends(Finish::stop, ""));
    CHECK(world.ask());
    CHECK_FALSE(world.is_kept());
  }
  SECTION("one that failed in the middle") {
    CachingWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      sink.on_event({.text = "Hel"});
      return Error(ErrorCode::protocol, "cut off");
    });
    CHECK_FALSE(world.ask([](const Delta&) { return Flow::proceed; }));
    CHECK_FALSE(world.is_kept());
  }
  SECTION("one that a callback stopped") {
    CachingWorld world(ends(Finish::stop));
    CHECK(world.ask([](const Delta& delta) { return delta.text().empty() ? Flow::proceed : Flow::stop; }));
    CHECK_FALSE(world.is_kept());
  }
  SECTION("one whose callback threw") {
    CachingWorld world(ends(Finish::stop));
    CHECK_THROWS(world.ask([](const Delta&) -> Flow { throw std::runtime_error("mine"); }));
    CHECK_FALSE(world.is_kept());
  }
  SECTION("one that was cancelled") {
    std::stop_source source;
    CachingWorld world([&](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      sink.on_event({.text = "Hello"});
      source.request_stop();
      return ChatOutcome{.finish = Finish::stop};
    });
    world.request.stop = source.get_token();
    CHECK_FALSE(world.ask());
    world.request.stop = {};
    CHECK_FALSE(world.is_kept());
  }
}

TEST_CASE("an answer for which tools were run is not kept, nor any of its steps", "[cache]") {
  CachingWorld world([](const ChatRequest& chat, ChatSink& sink, const CallContext&) {
    if (chat.messages.back().role == Role::tool)
      sink.on_event({.text = chat.messages.back().text});
    else
      sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "{}", .name = "count"});
    return ChatOutcome{.finish = Finish::stop};
  });
  int count = 0;
  world.request.tools.add("count", "Counts", {}, [&] { return ++count; });
  CHECK(world.ask().value().text == "1");
  const Reply again = world.ask().value();
  CHECK(again.text == "2");
  CHECK_FALSE(again.cached);
  CHECK(world.asked == 4);
}

TEST_CASE("with tools that are not called, an answer is kept like any other", "[cache]") {
  CachingWorld world(say_hello);
  world.request.tools.add("count", "Counts", {}, [] { return 1; });
  world.ask().value();
  CHECK(world.ask().value().cached);
}

TEST_CASE("an answer without the call that was required is not kept", "[cache]") {
  CachingWorld world(say_hello);
  world.request.tools = {{.name = "f"}};
  world.request.tool_choice = ToolChoice{ToolChoice::Mode::required};
  CHECK(world.ask([](const Delta&) { return Flow::proceed; }));
  CHECK(world.ask());
  CHECK_FALSE(world.ask().value().cached);
}

TEST_CASE("an answer that fits its schema is kept, and one that does not is not", "[cache]") {
  const Value schema = Value::object({{"type", "object"}, {"required", Value::array({"a"})}});
  CachingWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = R"({"b": 1})"});
    return ChatOutcome{.finish = Finish::stop};
  });
  const auto ask = [&] { return world.parts->generator.generate({world.request, schema}, {}).value(); };
  ask();
  CHECK_FALSE(ask().cached);
  world.answer_with([](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = R"({"a": 1})"});
    return ChatOutcome{.finish = Finish::stop};
  });
  ask();
  CHECK(ask().cached);
  CHECK_FALSE(world.ask().value().cached);  // without the schema
}
