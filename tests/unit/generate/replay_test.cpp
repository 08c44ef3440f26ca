// SPDX-License-Identifier: MIT
// When the response cache is asked, and how what it has is given.
#include <future>
#include <latch>
#include <optional>
#include <string>
#include <thread>

#include "base/sqlite.hpp"
#include "cache/recorded_answer.hpp"
#include "caching_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("a request may pass the cache by, or have its answer renewed", "[cache]") {
  CachingWorld world([&world](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = std::to_string(world.asked.load())});
    return ChatOutcome{.finish = Finish::stop};
  });
  const auto ask = [&](CacheUse use) {
    world.request.cache = use;
    return world.ask().value().text;
  };
  CHECK(ask(CacheUse::bypass) == "1");
  CHECK(ask(CacheUse::use) == "2");
  CHECK(ask(CacheUse::bypass) == "3");
  CHECK(ask(CacheUse::use) == "2");
  CHECK(ask(CacheUse::refresh) == "4");
  CHECK(ask(CacheUse::use) == "4");
}

TEST_CASE("a model's alias says whether its answers are cached, before the section does", "[cache]") {
  const bool all = GENERATE(true, false);
  CachingWorld world(say_hello, [all](Config& config) {
    config.cache.enabled = all;
    config.models = {{.alias = "yes", .provider = "fake", .key = "m", .cache = true},
                     {.alias = "no", .provider = "fake", .key = "m", .cache = false},
                     {.alias = "silent", .provider = "fake", .key = "n"}};
  });
  const auto is_cached = [&](const char* model) {
    world.request.model = model;
    world.ask().value();
    return world.ask().value().cached;
  };
  CHECK_FALSE(is_cached("no"));
  CHECK(is_cached("silent") == all);
  CHECK(is_cached("yes"));
  CHECK_FALSE(is_cached("no"));
}

TEST_CASE("a cached answer needs no permit of a server that is busy", "[cache]") {
  std::latch entered(1);
  CachingWorld world(say_hello, [](Config&) {}, {.concurrency = 1});
  world.ask().value();
  world.answer_with([&](const ChatRequest&, ChatSink&, const CallContext& context) -> Result<ChatOutcome> {
    entered.count_down();
    wait_for_cancel(context);
    return ChatOutcome{};
  });
  std::stop_source source;
  auto busy = std::async(std::launch::async, [&] {
    return world.parts->generator.generate(
        {{.model = "m", .messages = {user("other")}, .stop = source.get_token()}}, {});
  });
  entered.wait();
  CHECK(world.ask().value().cached);
  source.request_stop();
  CHECK_FALSE(busy.get());
}

TEST_CASE("an answer of a fallback is the fallback's, and it is said whom it stands for", "[cache]") {
  CachingWorld world(
      [](const ChatRequest& chat, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
        if (chat.model == "m") return Error(ErrorCode::unreachable, "gone");
        sink.on_event({.text = "of n"});
        return ChatOutcome{.finish = Finish::stop};
      },
      [](Config& config) {
        config.models = {{.alias = "a", .provider = "fake", .key = "m", .fallback = {"b"}},
                         {.alias = "b", .provider = "fake", .key = "n"}};
      });
  world.request.model = "a";
  const Reply first = world.ask().value();
  const Reply again = world.ask().value();
  CHECK(again.cached);
  CHECK(again.text == "of n");
  CHECK(again.notices == first.notices);
  world.request.model = "b";
  CHECK(world.ask().value().cached);
  CHECK(world.ask().value().notices.empty());
}

TEST_CASE("of an attempt that is repeated, nothing is kept", "[cache]") {
  CachingWorld world([&world](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    sink.on_event({.text = "Hello"});
    if (world.asked == 1) return Error(ErrorCode::model_lost, "gone");
    return ChatOutcome{.finish = Finish::stop};
  });
  CHECK(world.ask().value().text == "Hello");
  CHECK(world.ask().value().text == "Hello");
  CHECK(world.asked == 2);
}

TEST_CASE("with replay_timing a stream has the pauses of its first time, and can be stopped in one",
          "[cache]") {
  CachingWorld world(say_hello, [](Config& config) { config.cache.replay_timing = true; });
  world.ask().value();
  cache::PackedWriter record;
  const auto event = [&](std::chrono::milliseconds at, std::string_view text) {
    for (const std::uint64_t number :
         {std::uint64_t{1}, static_cast<std::uint64_t>(at.count()), std::uint64_t{0},
          static_cast<std::uint64_t>(Channel::final), std::uint64_t{0}})
      record.number(number);
    for (const std::string_view each : {text, std::string_view(), std::string_view()}) record.text(each);
  };
  record.number(1);
  event(0ms, "now");
  event(std::chrono::hours(1), "in an hour");
  for (const std::uint64_t number : {0, 0, 0, 0, 0, 0}) record.number(number);
  record.text("");
  record.text("null");
  REQUIRE(cache::RecordedAnswer::read(record.bytes()));
  {
    using base::Database;
    Database database =
        Database::open(world.file(), Database::Access::write, std::chrono::seconds(5)).value();
    base::Statement change = database.prepare("UPDATE answers SET answer = ?").value();
    change.bind_bytes(1, record.bytes()).value();
    change.run().value();
  }
  std::stop_source source;
  world.request.stop = source.get_token();
  const bool async = GENERATE(false, true);
  std::string text;
  std::optional<std::jthread> stopping;
  const auto stop_soon = [&](const Delta& delta) {
    text += delta.text();
    if (!delta.text().empty()) stopping.emplace([&source] { source.request_stop(); });
    return Flow::proceed;
  };
  const Result<Reply> reply = async ? world.ask_async(stop_soon) : world.ask(stop_soon);
  CHECK(text == "now");
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::cancelled);
  CHECK(reply.error().detail["partial"]["text"] == Value("now"));
  CHECK(world.asked == 1);
}
