// SPDX-License-Identifier: MIT
#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

struct StartedWorld {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  TestParts parts;

  explicit StartedWorld(FakeProvider::Chat chat, bool offers_async = true) {
    fake->models = {{.key = "m"}};
    fake->on_chat = std::move(chat);
    fake->offers_async = offers_async;
    parts = make_parts({setup("fake", fake)});
  }

  std::future<Result<Reply>> start(TextRequest request = {}, DeltaCallback on_delta = {}) {
    if (request.model.empty()) request.model = "m";
    if (request.messages.empty()) request.messages = {user("hi")};
    const auto promise = std::make_shared<std::promise<Result<Reply>>>();
    auto future = promise->get_future();
    parts.start(std::move(request), std::move(on_delta),
                [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); });
    return future;
  }
};

Result<ChatOutcome> answer(const ChatRequest&, ChatSink& sink, const CallContext&) {
  for (const char* text : {"Hel", "lo", " you"}) sink.on_event({.text = text});
  return ChatOutcome{.finish = Finish::stop};
}

Result<ChatOutcome> wait_for_end(const ChatRequest&, ChatSink&, const CallContext& context) {
  wait_for_cancel(context);
  return ChatOutcome{};
}

}  // namespace

TEST_CASE("a started generation ends with its reply, whether or not its provider can start calls",
          "[async]") {
  const bool offers_async = GENERATE(true, false);
  StartedWorld world(answer, offers_async);
  std::string text;
  const Reply reply = world
                          .start({},
                                 [&](const Delta& delta) {
                                   text += delta.text();
                                   return Flow::proceed;
                                 })
                          .get()
                          .value();
  CHECK(reply.text == "Hello you");
  CHECK(text == "Hello you");
  CHECK(world.fake->started == (offers_async ? 1 : 0));
}

TEST_CASE("a started generation that can't even be asked for says so on another thread", "[async]") {
  StartedWorld world(answer);
  std::promise<std::thread::id> done_on;
  world.parts.start({.model = "m"}, {}, [&](Result<Reply> reply) {
    CHECK(reply.error().code == ErrorCode::invalid_argument);
    done_on.set_value(std::this_thread::get_id());
  });
  CHECK(done_on.get_future().get() != std::this_thread::get_id());
  const Result<Reply> unknown = world.start({.model = "x"}).get();
  CHECK(unknown.error().code == ErrorCode::model_not_found);
}

TEST_CASE("a provider that can't start a call fails it, once", "[async]") {
  StartedWorld world(answer);
  world.fake->on_start = [] { return Error(ErrorCode::unsupported, "not today"); };
  CHECK(world.start().get().error().message == "not today");
}

TEST_CASE("a callback that throws ends a started generation, and is named", "[async]") {
  StartedWorld world(answer);
  const Result<Reply> reply =
      world.start({}, [](const Delta&) -> Flow { throw std::runtime_error("mine"); }).get();
  CHECK(reply.error().code == ErrorCode::cancelled);
  CHECK(reply.error().message == "a callback threw \"mine\"");
}

TEST_CASE("deltas of a started generation are joined, and what is held back comes before its end",
          "[async]") {
  StartedWorld world([](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    for (int i = 0; i < 5; ++i) sink.on_event({.text = "a"});
    return Error(ErrorCode::model_lost, "gone");
  });
  std::vector<std::string> texts;
  const Result<Reply> reply = world
                                  .start({.settings = {.streaming_buffer_size = 2}},
                                         [&](const Delta& delta) {
                                           if (!delta.text().empty()) texts.emplace_back(delta.text());
                                           return Flow::proceed;
                                         })
                                  .get();
  CHECK(reply.error().code == ErrorCode::model_lost);
  CHECK(texts == std::vector<std::string>{"aa", "aa", "a"});
}

TEST_CASE("a runtime that goes while generations run waits for them", "[async]") {
  StartedWorld world(wait_for_end);
  std::stop_source source;
  std::atomic<bool> done = false;
  world.parts.start({.model = "m", .messages = {user("hi")}, .stop = source.get_token()}, {},
                    [&](Result<Reply>) { done = true; });
  std::jthread stopper([&] { source.request_stop(); });
  world.parts.reset();
  CHECK(done);
}

TEST_CASE("the last owner of a runtime may go in a callback of its generation", "[async]") {
  std::promise<void> gone;
  struct Witness final : Monitor {
    std::promise<void>& gone;
    explicit Witness(std::promise<void>& promise) : gone(promise) {}
    ~Witness() override { gone.set_value(); }
    void on_event(const MonitorEvent&) override {}
  };
  auto parts = make_parts({setup("fake", std::make_shared<FakeProvider>())});
  parts->monitors.add("w", std::make_shared<Witness>(gone));
  std::promise<void> may_end;
  const auto last = std::make_shared<TestParts>(std::move(parts));
  TestParts(*last).start({.model = "m"}, {}, [last, ready = may_end.get_future().share()](Result<Reply>) {
    ready.wait();
    last->reset();
  });
  may_end.set_value();
  gone.get_future().wait();
}

TEST_CASE("whatever cancels them, and whenever, started generations end exactly once", "[async]") {
  constexpr int kCalls = 200;
  const bool offers_async = GENERATE(true, false);
  StartedWorld world(
      [](const ChatRequest&, ChatSink& sink, const CallContext& context) -> Result<ChatOutcome> {
        while (!context.cancellation.requested() && sink.on_event({.text = "x"}) == Flow::proceed) {
        }
        return ChatOutcome{};
      },
      offers_async);
  std::vector<std::stop_source> sources(kCalls);
  std::vector<std::atomic<int>> ends(kCalls);
  std::latch all(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    const auto at = static_cast<std::size_t>(i);
    world.parts.start(
        {.model = "m", .messages = {user("hi")}, .stop = sources[at].get_token()},
        [i, count = 0](const Delta&) mutable {
          return i % 3 == 0 && ++count > i ? Flow::stop : Flow::proceed;
        },
        [&, at](Result<Reply>) {
          ++ends[at];
          all.count_down();
        });
  }
  std::jthread canceller([&] {
    for (std::size_t i = 1; i < kCalls; i += 2) sources[i].request_stop();
  });
  for (std::size_t i = 0; i < kCalls; i += 2) sources[i].request_stop();
  all.wait();
  world.parts.reset();
  for (const std::atomic<int>& each : ends) CHECK(each == 1);
}
