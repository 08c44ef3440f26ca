// SPDX-License-Identifier: MIT
// A call into a plugin, or into a tool, that ignored its cancellation kept its caller for ever: no clock, no
// stop token and no ^C ended it, and the runtime's destructor waited for it as well.
#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "async/escort.hpp"
#include "diagnose/server_logs.hpp"
#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "support/wait.hpp"
#include "tachikoma/tool_functions.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Where calls are stuck until the test ends: shared, because they outlive all else.
class Mire {
 public:
  ~Mire() { free(); }
  /// To be called in place of what never returns.
  std::function<void()> trap() const {
    return [entered = entered_, free = free_] {
      *entered += 1;
      free.wait();
    };
  }
  int entered() const { return *entered_; }
  void free() {
    if (!std::exchange(freed_, true)) opener_.set_value();
  }

 private:
  std::promise<void> opener_;
  std::shared_future<void> free_ = opener_.get_future().share();
  std::shared_ptr<std::atomic<int>> entered_ = std::make_shared<std::atomic<int>>(0);
  bool freed_ = false;
};

TextRequest ask_of(std::string model, ToolKit tools = {}) {
  return {.model = std::move(model), .messages = {user("hi")}, .tools = std::move(tools)};
}

bool names_the_thread(const Error& error, std::string_view plugin) {
  return error.detail["written_off_thread"].as_integer() > 0 &&
         error.message.find("plugin '" + std::string(plugin) + "' does not return from the call: thread ") !=
             std::string::npos;
}

calls::ProviderSetup stuck_setup(std::string id, std::shared_ptr<Provider> provider,
                                 Timeouts timeouts = {.first_token = 20ms, .between_tokens = 20ms}) {
  calls::ProviderSetup made = setup(std::move(id), std::move(provider), timeouts);
  made.plugin = "stuck";
  return made;
}

struct StuckWorld {
  Mire mire;
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  TestParts parts;

  explicit StuckWorld(std::vector<ChatEvent> first = {}) {
    fake->models = {{.key = "m"}};
    fake->on_chat = [trap = mire.trap(), first](const ChatRequest&, ChatSink& sink,
                                                const CallContext& context) {
      context.enter(Phase::waiting);
      for (const ChatEvent& event : first) sink.on_event(event);
      trap();
      return ChatOutcome{};
    };
    Timeouts timeouts{.first_token = 20ms};
    if (!first.empty()) timeouts = {.between_tokens = 20ms};
    parts = make_parts({stuck_setup("fake", fake, timeouts)});
  }
};

}  // namespace

TEST_CASE("a chat that never returns is left when its clock has run out, and its thread named", "[never]") {
  StuckWorld world;
  const auto reply = world.parts->generator.generate({ask_of("m")}, {});
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::timeout);
  CHECK(reply.error().detail["clock"].as_string() == "first_token");
  CHECK(names_the_thread(reply.error(), "stuck"));
  CHECK_FALSE(reply.error().retryable);
}

TEST_CASE("a runtime ends although a call in it never returned, whose provider lives as long as the call",
          "[never]") {
  StuckWorld world;
  REQUIRE(!world.parts->generator.generate({ask_of("m")}, {}));
  const std::weak_ptr<FakeProvider> provider = world.fake;
  world.parts.reset();
  world.fake.reset();
  CHECK_FALSE(provider.expired());
  world.mire.free();
  CHECK(comes_true(30s, [&] { return provider.expired(); }));
}

TEST_CASE("a call that is stuck in mid-answer is left by stream, callback and stop token alike", "[never]") {
  StuckWorld world({{.text = "Hello"}});
  std::string seen;
  const auto caller = std::this_thread::get_id();
  const auto note = [&](const Delta& delta) {
    CHECK(std::this_thread::get_id() == caller);
    seen += delta.text();
    return Flow::proceed;
  };
  const auto called_back = world.parts->generator.generate({ask_of("m")}, note);
  REQUIRE(!called_back);
  CHECK(called_back.error().detail["clock"].as_string() == "between_tokens");
  CHECK(seen == "Hello");

  TextStream stream = world.parts.stream(ask_of("m")).value();
  Result<const Delta*> next = stream.next();
  while (next && *next) next = stream.next();
  REQUIRE(!next);
  CHECK(next.error().code == ErrorCode::timeout);

  std::stop_source stop;
  TextRequest request = ask_of("m");
  request.stop = stop.get_token();
  const auto stopped = world.parts->generator.generate({std::move(request)}, [&](const Delta&) {
    stop.request_stop();
    return Flow::proceed;
  });
  REQUIRE(!stopped);
  CHECK(stopped.error().code == ErrorCode::cancelled);
  CHECK(names_the_thread(stopped.error(), "stuck"));

  const auto left = world.parts->generator.generate({ask_of("m")}, [](const Delta& delta) {
    return delta.kind == Delta::Kind::text ? Flow::stop : Flow::proceed;
  });
  REQUIRE(left);
  CHECK(left->text == "Hello");
}

TEST_CASE("what a call does after it was left reaches nobody", "[never]") {
  Mire mire;
  std::promise<Flow> answered;
  std::atomic<bool> told = false;
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = [trap = mire.trap(), &answered](const ChatRequest& request, ChatSink& sink,
                                                  const CallContext& context) {
    context.enter(Phase::waiting);
    trap();
    context.enter(Phase::loading);
    const OnCancel late(context.cancellation, [] {});
    const bool whole = request.messages.at(0).text == "hi" && context.cancellation.requested();
    answered.set_value(whole ? sink.on_event({.text = "late"}) : Flow::proceed);
    return ChatOutcome{};
  };
  auto parts = make_parts({stuck_setup("fake", fake)});
  REQUIRE(!parts->generator.generate({ask_of("m")}, [&](const Delta&) {
    told = true;
    return Flow::proceed;
  }));
  parts.reset();
  mire.free();
  CHECK(answered.get_future().get() == Flow::stop);
  CHECK_FALSE(told);
}

TEST_CASE("a callback that is slow is not the provider's fault", "[never]") {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = [](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = "a"});
    return ChatOutcome{.finish = Finish::stop};
  };
  calls::ProviderSetup made = setup("fake", fake, {.total = 1ms});
  auto parts = make_parts({std::move(made)});
  const auto reply = parts->generator.generate({ask_of("m")}, [](const Delta&) {
    const auto until = std::chrono::steady_clock::now() + 3 * async::kReturnTime;
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return Flow::proceed;
  });
  REQUIRE(!reply);
  CHECK(reply.error().detail["written_off_thread"].is_null());
}

TEST_CASE("an asynchronous generation ends as well", "[never]") {
  StuckWorld world;
  std::promise<Result<Reply>> done;
  world.parts.start(ask_of("m"), {}, [&](Result<Reply> reply) { done.set_value(std::move(reply)); });
  const Result<Reply> reply = done.get_future().get();
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::timeout);
  world.parts.reset();
}

TEST_CASE("a model that is stuck is replaced by its fallback, and a listing goes on to the next provider",
          "[never]") {
  StuckWorld world;
  const auto sane = std::make_shared<FakeProvider>();
  sane->models = {{.key = "n"}};
  sane->on_chat = [](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = "sane"});
    return ChatOutcome{.finish = Finish::stop};
  };
  world.fake->on_list = [trap = world.mire.trap()] {
    trap();
    return Result<std::vector<ModelInfo>>(std::vector<ModelInfo>{});
  };
  world.parts = make_parts({stuck_setup("fake", world.fake, {.connect = 20ms}), setup("sane", sane)});
  const ModelListing listing = world.parts->registry.list({});
  REQUIRE(listing.failures.size() == 1);
  CHECK(listing.failures.front().error.code == ErrorCode::timeout);
  CHECK(names_the_thread(listing.failures.front().error, "stuck"));
  REQUIRE(listing.models.size() == 1);
  CHECK(listing.models.front().address == "sane::n");
}

TEST_CASE("a load is left as well", "[never]") {
  Mire mire;
  ModelWorld world({}, {.load = 20ms});
  world.server->on_load = [trap = mire.trap()](const LoadRequest&, LoadSink& sink,
                                               const CallContext& context) {
    context.enter(Phase::loading);
    sink.on_progress(0.5);
    trap();
    sink.on_notice("late");
    return Result<LoadedModel>(LoadedModel{});
  };
  double progress = 0;
  const auto loaded = world.load("big/model", {}, [&](const LoadEvent& event) {
    progress = std::max(progress, event.fraction);
    return Flow::proceed;
  });
  REQUIRE(!loaded);
  CHECK(loaded.error().detail["clock"].as_string() == "load");
  CHECK(progress == 0.5);
}

TEST_CASE("a tool that never returns is answered for, and named", "[never]") {
  Mire mire;
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  std::string told;
  fake->on_chat = [&told](const ChatRequest& request, ChatSink& sink, const CallContext&) {
    if (request.messages.size() > 1) {
      told = request.messages.back().text;
      sink.on_event({.text = "done"});
      return ChatOutcome{.finish = Finish::stop};
    }
    sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "{}", .id = "1", .name = "bog"});
    return ChatOutcome{.finish = Finish::tool_calls};
  };
  auto parts = make_parts({setup("fake", fake)});
  ToolKit kit;
  kit.add("bog", "", {}, [trap = mire.trap()] {
    trap();
    return std::string("late");
  });
  TextRequest request = ask_of("m", std::move(kit));
  request.tool_rules.time_limit = 10ms;
  const Reply reply = parts->generator.generate({std::move(request)}, {}).value();
  CHECK(reply.text == "done");
  CHECK(told == "Error: 'bog' did not finish within 10 ms\nHint: ask it for less, or answer without it");
  REQUIRE(reply.notices.size() == 1);
  CHECK(reply.notices.front().starts_with("tool 'bog' does not return from its call: thread "));
  parts.reset();
}

TEST_CASE("a monitor and a server's log that never return don't keep the runtime", "[never]") {
  Mire mire;
  class StuckMonitor final : public Monitor {
   public:
    explicit StuckMonitor(std::function<void()> trap) : trap_(std::move(trap)) {}
    void on_event(const MonitorEvent&) override { trap_(); }

   private:
    const std::function<void()> trap_;
  };
  std::string said;
  {
    MonitorHub hub([&](Severity, std::string_view who, std::string_view text) {
      said = std::string(who) + ": " + std::string(text);
    });
    hub.add("bog", std::make_shared<StuckMonitor>(mire.trap()));
    hub.publish({std::make_shared<MonitorEvent>()});
  }
  CHECK(said.starts_with("bog: the monitor does not return: thread "));

  const auto server = std::make_shared<FakeModelServer>();
  server->on_follow = [trap = mire.trap()](ServerLogSink&, const CallContext&) {
    trap();
    return Status(Done{});
  };
  calls::ProviderSetup one = setup("fake", server);
  one.before_call = [logs = std::make_shared<diagnose::ServerLogs>(
                         "fake", one.components, [&](Severity, std::string_view who, std::string_view text) {
                           said = std::string(who) + ": " + std::string(text);
                         })] { logs->follow(); };
  auto parts = make_parts({std::move(one)});
  parts->management.loaded_anywhere({});
  CHECK(comes_true(30s, [&] { return mire.entered() == 2; }));
  parts.reset();
  CHECK(said.starts_with("fake: the plugin does not return from following the server's log: thread "));
}
