// SPDX-License-Identifier: MIT
#include <atomic>
#include <future>
#include <map>
#include <thread>

#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

Error failure(ErrorCode code) { return Error(code, std::string(to_string(code)) + "!"); }

/// A provider whose calls are answered from a list, then well.
struct World {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  std::vector<Error> failures;
  bool speaks_first = false;  // a failing call has said something before
  std::atomic<std::size_t> calls = 0;
  TestParts parts;

  explicit World(std::vector<Error> list = {}) : failures(std::move(list)) {
    fake->models = {{.key = "m"}};
    fake->on_chat = [this](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      const std::size_t call = calls++;
      if (call < failures.size()) {
        if (speaks_first) sink.on_event({.text = "half"});
        return failures[call];
      }
      sink.on_event({.text = "fine"});
      return ChatOutcome{.finish = Finish::stop};
    };
    calls::ProviderSetup one = setup("fake", fake);
    one.policy.retry = {.attempts = 3, .backoff = 0ms};
    parts = make_parts({std::move(one)});
  }

  Result<Reply> generate(const DeltaCallback& on_delta = {}) {
    return parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, on_delta);
  }
};

std::string outcome(const Result<Reply>& reply) { return reply ? reply->text : reply.error().message; }

Flow go_on(const Delta&) { return Flow::proceed; }

/// Aliases `a`, `b` and `c` on providers of their own, where `a` falls back to the others.
struct Chain {
  std::map<std::string, std::shared_ptr<FakeProvider>> fakes;
  std::map<std::string, Error> failures;
  std::vector<std::string> asked;
  TestParts parts;

  explicit Chain(std::map<std::string, Error> list) : failures(std::move(list)) {
    Config config;
    std::vector<calls::ProviderSetup> setups;
    for (const char* name : {"a", "b", "c"}) {
      const std::string id = name;
      const auto fake = fakes[id] = std::make_shared<FakeProvider>();
      fake->models = {{.key = "m"}};
      fake->on_chat = [this, id](const ChatRequest&, ChatSink& sink,
                                 const CallContext&) -> Result<ChatOutcome> {
        asked.push_back(id);
        if (failures.contains(id)) return failures[id];
        sink.on_event({.text = "from " + id});
        return ChatOutcome{.finish = Finish::stop};
      };
      setups.push_back(setup(id + "-server", fake));
      config.models.push_back({.alias = id, .provider = id + "-server", .key = "m"});
    }
    config.models.front().fallback = {"b", "c-server::m"};
    config.default_model = "a";
    parts = make_parts(std::move(setups), std::move(config));
  }

  Result<Reply> generate(std::string model = "a") {
    return parts->generator.generate({{.model = std::move(model), .messages = {user("hi")}}}, {});
  }
};

}  // namespace

TEST_CASE("what may succeed later is asked for again, up to its attempts", "[retry]") {
  const auto calls_until = [](std::vector<Error> failures) {
    World world(std::move(failures));
    const std::string text = outcome(world.generate());
    return std::to_string(world.calls) + " " + text;
  };
  const Error lost = failure(ErrorCode::model_lost);
  CHECK(calls_until({}) == "1 fine");
  CHECK(calls_until({lost}) == "2 fine");
  CHECK(calls_until({lost, lost}) == "3 fine");
  CHECK(calls_until({lost, lost, lost}) == "3 model_lost!");
  for (const ErrorCode code : {ErrorCode::unreachable, ErrorCode::overloaded, ErrorCode::rate_limited})
    CHECK(calls_until({failure(code)}) == "2 fine");
  for (const ErrorCode code : {ErrorCode::invalid_argument, ErrorCode::unauthenticated, ErrorCode::protocol,
                               ErrorCode::context_too_long, ErrorCode::unsupported, ErrorCode::plugin_fault})
    CHECK(calls_until({failure(code)}) == "1 " + std::string(to_string(code)) + "!");
}

TEST_CASE("nothing is repeated once the caller saw a part of it, and everything before", "[retry]") {
  World world({failure(ErrorCode::model_lost)});
  world.speaks_first = true;
  SECTION("a caller that watches keeps the half and gets the error") {
    CHECK(outcome(world.generate(go_on)) == "model_lost!");
    CHECK(world.calls == 1);
  }
  SECTION("a caller that waits for the whole never hears of the half") {
    CHECK(outcome(world.generate()) == "fine");
    CHECK(world.calls == 2);
  }
}

TEST_CASE("a connection that takes too long is tried again, a slow model is not", "[retry]") {
  const auto calls_with = [](Phase phase, Timeouts timeouts) {
    World world;
    world.fake->offers_list = false;  // the clock would hold for the look-up too
    std::atomic<int> calls = 0;
    world.fake->on_chat = [&](const ChatRequest&, ChatSink&, const CallContext& context) {
      ++calls;
      context.enter(phase);
      wait_for_cancel(context);
      return ChatOutcome{};
    };
    calls::ProviderSetup one = setup("fake", world.fake, timeouts);
    one.policy.retry = {.attempts = 2, .backoff = 0ms};
    world.parts = make_parts({std::move(one)});
    CHECK(world.generate().error().code == ErrorCode::timeout);
    return calls.load();
  };
  CHECK(calls_with(Phase::connecting, {.connect = 5ms}) == 2);
  CHECK(calls_with(Phase::waiting, {.connect = 0ms, .first_token = 5ms}) == 1);
}

TEST_CASE("a stop token ends the pause before a retry", "[retry]") {
  std::stop_source source;
  auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  std::promise<void> failed;
  fake->on_chat = [&](auto&&...) -> Result<ChatOutcome> {
    failed.set_value();
    Error error = failure(ErrorCode::overloaded);
    error.detail = Value::object({{"retry_after_ms", 3'600'000}});
    return error;
  };
  calls::ProviderSetup one = setup("fake", fake);
  one.policy.retry = {.attempts = 3, .max_backoff = 2h};
  const auto parts = make_parts({std::move(one)});
  auto running = std::async(std::launch::async, [&] {
    return parts->generator.generate({{.model = "m", .messages = {user("hi")}, .stop = source.get_token()}},
                                     {});
  });
  failed.get_future().wait();
  source.request_stop();
  CHECK(running.get().error().code == ErrorCode::cancelled);
}

TEST_CASE("a call that waits for the limits can be cancelled, and has the load clock", "[retry][limits]") {
  auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  std::promise<void> first_runs;
  fake->on_chat = [&](const ChatRequest&, ChatSink&, const CallContext& context) {
    first_runs.set_value();
    wait_for_cancel(context);
    return ChatOutcome{};
  };
  fake->offers_list = false;
  calls::ProviderSetup one = setup("fake", fake, {.load = 20ms});
  one.limits.concurrency = 1;
  const auto parts = make_parts({std::move(one)});
  std::stop_source first, second;
  const auto start = [&](std::stop_token stop) {
    return std::async(std::launch::async, [&parts, stop] {
      return parts->generator.generate({{.model = "m", .messages = {user("hi")}, .stop = stop}}, {});
    });
  };
  auto running = start(first.get_token());
  first_runs.get_future().wait();
  const Result<Reply> late = start({}).get();
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK(late.error().detail["clock"].as_string() == "load");
  CHECK(late.error().message == "the limits of 'fake' admitted no call within 20 ms");
  auto waiting = start(second.get_token());
  second.request_stop();
  CHECK(waiting.get().error().code == ErrorCode::cancelled);
  first.request_stop();
  CHECK(running.get().error().code == ErrorCode::cancelled);
}

TEST_CASE("another server is asked at once when one can't be reached, and it is left out", "[retry]") {
  std::vector<std::string> asked;
  const auto server = [&](const char* name, bool up) {
    auto fake = std::make_shared<FakeProvider>();
    fake->offers_list = false;
    fake->on_chat = [&asked, name, up](const ChatRequest&, ChatSink& sink,
                                       const CallContext&) -> Result<ChatOutcome> {
      asked.emplace_back(name);
      if (!up) return failure(ErrorCode::unreachable);
      sink.on_event({.text = "fine"});
      return ChatOutcome{};
    };
    return calls::ServerComponent{fake, name};
  };
  calls::ProviderSetup many = setup("fake", nullptr);
  many.components = {server("one", false), server("two", true)};
  const auto parts = make_parts({std::move(many)});
  const auto generate = [&] {
    return outcome(parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, {}));
  };
  CHECK(generate() == "fine");
  CHECK(generate() == "fine");
  CHECK(asked == std::vector<std::string>{"one", "two", "two"});
}

TEST_CASE("a fallback answers when the model can't, and the reply says so", "[fallback]") {
  Chain chain({{"a", failure(ErrorCode::insufficient_memory)}});
  const Reply reply = chain.generate().value();
  CHECK(reply.text == "from b");
  CHECK(reply.provider == "b-server");
  CHECK(reply.notices == std::vector<std::string>{"'b' was asked instead of 'a': insufficient_memory!"});
  CHECK(chain.asked == std::vector<std::string>{"a", "b"});
  CHECK(chain.generate("").value().text == "from b");  // the default's fallbacks are its alias's
}

TEST_CASE("fallbacks are asked in turn, also when a name leads nowhere; then the first error is told",
          "[fallback]") {
  Chain chain({{"a", failure(ErrorCode::unreachable)}, {"c", failure(ErrorCode::overloaded)}});
  chain.fakes["b"]->on_list = []() -> Result<std::vector<ModelInfo>> {
    return Error(ErrorCode::unreachable, "b is down");
  };
  const Result<Reply> reply = chain.generate();
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::unreachable);
  CHECK(reply.error().message ==
        "unreachable!; 'b' in its place: b is down; 'c-server::m' in its place: overloaded!");
  CHECK(chain.asked == std::vector<std::string>{"a", "c"});
}

TEST_CASE("no fallback is asked for what another model can't mend", "[fallback]") {
  Chain chain({{"a", failure(ErrorCode::unauthenticated)}});
  CHECK(outcome(chain.generate()) == "unauthenticated!");
  CHECK(chain.asked == std::vector<std::string>{"a"});
  CHECK(outcome(chain.generate("b")) == "from b");
}

TEST_CASE("a model whose list is not available has fallbacks too", "[fallback]") {
  Chain chain({});
  chain.fakes["a"]->on_list = []() -> Result<std::vector<ModelInfo>> {
    return failure(ErrorCode::unreachable);
  };
  CHECK(outcome(chain.generate()) == "from b");
}
