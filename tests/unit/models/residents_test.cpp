// SPDX-License-Identifier: MIT
#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <thread>

#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

Config room_for_one() {
  Config config;
  config.memory.max_instances = 1;
  return config;
}

/// Something that threads pass once it is opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for(int arrived) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= arrived; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrived_ = 0;
};

struct ResidentsWorld : ModelWorld {
  using ModelWorld::ModelWorld;

  // Answers wait at the gate, and say that they have passed it.
  void answer_behind(Gate& gate, std::atomic<bool>& answered) {
    server->on_chat = [&] {
      gate.pass();
      answered = true;
      return ChatOutcome{.finish = Finish::stop};
    };
  }
  Result<Reply> ask(std::string_view model, std::stop_token stop = {}) {
    return parts->generator.generate(
        {{.model = std::string(model), .messages = {user("hi")}, .stop = std::move(stop)}}, {});
  }
  auto ask_beside(std::string_view model) {
    return std::async(std::launch::async, [this, name = std::string(model)] { return ask(name); });
  }
  bool waits_for(std::string_view key) const {
    for (const ScheduledModel& each : parts.runtime().explain().models)
      if (each.key == key) return each.waiting > 0;
    return false;
  }
  Names loads() const {
    Names keys;
    for (const LoadRequest& each : server->requests()) keys.push_back(each.key);
    return keys;
  }
};

}  // namespace

TEST_CASE("a request for a model that is not in memory has it loaded as configured, and others find it there",
          "[residents]") {
  Config config;
  config.default_load = {.threads = 4};
  config.models.push_back(
      {.alias = "chat", .provider = "fake", .key = "big/model", .load = {.context_length = 8192}});
  ResidentsWorld world(config);
  CHECK(world.ask("chat"));
  CHECK(world.ask("big/model"));
  REQUIRE(world.server->requests().size() == 1);
  CHECK(world.server->requests()[0].settings.context_length == 8192);
  CHECK(world.server->requests()[0].settings.threads == 4);
}

TEST_CASE("however many ask for a model at once, it is loaded once", "[residents]") {
  ResidentsWorld world;
  Gate gate;
  world.server->on_load = [&](const LoadRequest& request, LoadSink&, const CallContext&) {
    gate.pass();
    return world.server->keep(request);
  };
  std::vector<std::future<Result<Reply>>> asked;
  for (int i = 0; i < 8; ++i) asked.push_back(world.ask_beside("big/model"));
  gate.wait_for(1);
  gate.open();
  for (auto& each : asked) CHECK(each.get());
  CHECK(world.loads() == Names{"big/model"});
}

TEST_CASE("a model makes room for another once it has answered, not before", "[residents]") {
  ResidentsWorld world(room_for_one());
  Gate gate;
  std::atomic<bool> answered = false;
  world.answer_behind(gate, answered);
  world.server->on_unload = [&](std::string_view instance) {
    CHECK(answered);
    return world.server->drop(instance);
  };
  auto first = world.ask_beside("big/model");
  gate.wait_for(1);
  auto second = world.ask_beside("small/model");
  while (!world.waits_for("small/model")) std::this_thread::yield();
  gate.open();
  CHECK(first.get());
  CHECK(second.get());
  CHECK(world.loads() == Names{"big/model", "small/model"});
  CHECK(world.server->instances() == Names{"small/model"});
}

TEST_CASE("what another program has loaded is used, and stays", "[residents]") {
  ResidentsWorld world(room_for_one());
  world.server->keep({.key = "big/model", .settings = {}}).value();
  CHECK(world.ask("big/model"));
  CHECK(world.loads() == Names{"big/model"});  // by the other program
  std::stop_source stop;
  auto other = std::async(std::launch::async, [&] { return world.ask("small/model", stop.get_token()); });
  while (!world.waits_for("small/model")) std::this_thread::yield();
  stop.request_stop();
  CHECK(other.get().error().code == ErrorCode::cancelled);
  CHECK(world.server->instances() == Names{"big/model"});
}

TEST_CASE("a model that its server loads itself is asked for as it is", "[residents]") {
  Config config = room_for_one();
  config.models.push_back(
      {.alias = "chat", .provider = "fake", .key = "big/model", .owner = ModelOwner::jit});
  ResidentsWorld world(config);
  CHECK(world.ask("chat"));
  CHECK(world.loads().empty());
}

TEST_CASE("a model that others have unloaded is loaded again", "[residents]") {
  ResidentsWorld world;
  calls::ProviderSetup patient = setup("fake", world.server);
  patient.policy.retry = {.attempts = 2, .backoff = 1ms};
  world.parts = make_parts({std::move(patient)});
  CHECK(world.ask("big/model"));
  world.server->drop("big/model").value();
  std::atomic<int> asked = 0;
  world.server->on_chat = [&]() -> Result<ChatOutcome> {
    if (++asked == 1) return Error(ErrorCode::model_not_found, "no model 'big/model'");
    return ChatOutcome{.finish = Finish::stop};
  };
  CHECK(world.ask("big/model"));
  CHECK(world.loads() == Names{"big/model", "big/model"});
}

TEST_CASE("a request whose model can't be loaded fails as the load does, and the next one tries again",
          "[residents]") {
  ResidentsWorld world;
  world.server->on_load = [](const LoadRequest&, LoadSink&, const CallContext&) {
    return Result<LoadedModel>(Error(ErrorCode::insufficient_memory, "it does not fit"));
  };
  CHECK(world.ask("big/model").error().message == "it does not fit");
  world.server->on_load = [&](const LoadRequest& request, LoadSink&, const CallContext&) {
    return world.server->keep(request);
  };
  CHECK(world.ask("big/model"));
}

TEST_CASE("a server that does not let its models be loaded looks after them itself", "[residents]") {
  ResidentsWorld world;
  std::atomic<int> tried = 0;
  world.server->on_load = [&](const LoadRequest&, LoadSink&, const CallContext&) {
    ++tried;
    return Result<LoadedModel>(Error(ErrorCode::forbidden, "this key may not load models"));
  };
  CHECK(world.ask("big/model"));
  CHECK(world.ask("small/model"));
  CHECK(tried == 1);
}

TEST_CASE("a load that nobody waits for any more is ended", "[residents]") {
  ResidentsWorld world;
  std::promise<void> begun;
  std::atomic<bool> ended = false;
  world.server->on_load = [&](const LoadRequest&, LoadSink&, const CallContext& context) {
    begun.set_value();
    wait_for_cancel(context);
    ended = true;
    return Result<LoadedModel>(Error(ErrorCode::cancelled, "cancelled"));
  };
  std::stop_source stop;
  auto asked = std::async(std::launch::async, [&] { return world.ask("big/model", stop.get_token()); });
  begun.get_future().wait();
  stop.request_stop();
  CHECK(asked.get().error().code == ErrorCode::cancelled);
  while (!ended) std::this_thread::yield();
}

TEST_CASE("the time that a request waits for its model is that of the clock load", "[residents]") {
  ResidentsWorld world(Config{}, {.load = 1ms});
  world.server->on_load = [&](const LoadRequest&, LoadSink&, const CallContext& context) {
    wait_for_cancel(context);
    return Result<LoadedModel>(Error(ErrorCode::cancelled, "cancelled"));
  };
  const Error error = world.ask("big/model").error();
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.detail["clock"].as_string() == "load");
}

TEST_CASE("a model is unloaded on request once nobody uses it", "[residents]") {
  ResidentsWorld world;
  Gate gate;
  std::atomic<bool> answered = false;
  world.answer_behind(gate, answered);
  auto asked = world.ask_beside("big/model");
  gate.wait_for(1);
  world.server->on_unload = [&](std::string_view instance) {
    CHECK(answered);
    return world.server->drop(instance);
  };
  auto unloaded = std::async(std::launch::async, [&] { return world.unload("big/model"); });
  gate.open();
  CHECK(asked.get());
  CHECK(unloaded.get().value() == Names{"big/model"});
}

TEST_CASE("a request that waits for its model says how far the load is, and then what comes first",
          "[residents]") {
  ResidentsWorld world(room_for_one());
  Gate gate;
  world.server->on_load = [&](const LoadRequest& request, LoadSink& sink, const CallContext&) {
    if (request.key == "big/model") sink.on_progress(0.5);
    Result<LoadedModel> loaded = world.server->keep(request);
    loaded->load_time = {20ms, Source::measured, "fake"};
    return loaded;
  };
  const bool async = GENERATE(false, true);
  std::vector<std::string> told;
  const auto tell = [&](const Delta& delta) {
    if (delta.kind != Delta::Kind::progress) return Flow::proceed;
    REQUIRE(delta.waiting);
    told.push_back(std::string(delta.content) + " " + std::to_string(delta.fraction).substr(0, 3) + " " +
                   std::to_string(delta.waiting->ahead) + " " + delta.waiting->waits_for);
    return Flow::proceed;
  };
  const auto ask = [&](const std::string& model) {
    TextRequest request{.model = model, .messages = {user("hi")}};
    if (!async) return world.parts->generator.generate({std::move(request)}, tell);
    std::promise<Result<Reply>> reply;
    world.parts.start(std::move(request), tell,
                      [&](Result<Reply> done) { reply.set_value(std::move(done)); });
    return reply.get_future().get();
  };
  CHECK(ask("big/model"));
  CHECK(told.front() == "load 0.0 0 ");
  world.server->on_chat = [&] {
    gate.pass();
    return ChatOutcome{.finish = Finish::stop};
  };
  auto first = world.ask_beside("big/model");
  gate.wait_for(1);
  told.clear();
  std::thread opener([&] {
    while (!world.waits_for("small/model")) std::this_thread::yield();
    gate.open();
  });
  CHECK(ask("small/model"));
  opener.join();
  CHECK(first.get());
  REQUIRE_FALSE(told.empty());
  CHECK(told.front().starts_with("queue 0.0 0 fake::big/model"));
}

TEST_CASE("monitors are told how long a request waited, and what left the memory for it",
          "[residents][monitor]") {
  struct Ends final : Monitor {
    void on_event(const MonitorEvent& event) override {
      if (event.kind == MonitorEvent::Kind::finished) seen.push_back(event);
    }
    std::vector<MonitorEvent> seen;
  };
  ResidentsWorld world(room_for_one());
  const auto ends = std::make_shared<Ends>();
  world.parts->monitors.add("m", ends);
  std::latch both_know(2);  // that their model is being loaded
  world.server->on_load = [&](const LoadRequest& request, LoadSink&, const CallContext&) {
    if (request.key == "small/model") both_know.wait();
    return world.server->keep(request);
  };
  Gate gate;
  std::atomic<bool> answered = false;
  world.answer_behind(gate, answered);
  auto first = world.ask_beside("big/model");
  gate.wait_for(1);
  const auto ask_small = [&] {
    const auto tell = [&, knows = false](const Delta& delta) mutable {
      if (delta.kind == Delta::Kind::progress && delta.content == "load" && !std::exchange(knows, true))
        both_know.count_down();
      return Flow::proceed;
    };
    return world.parts->generator.generate({{.model = "small/model", .messages = {user("hi")}}}, tell);
  };
  auto one = std::async(std::launch::async, ask_small), other = std::async(std::launch::async, ask_small);
  const auto waiting = [&] {
    std::size_t all = 0;
    for (const ScheduledModel& each : world.parts.runtime().explain().models) all += each.waiting;
    return all;
  };
  while (waiting() < 2) std::this_thread::yield();
  gate.open();
  CHECK(first.get());
  CHECK(one.get());
  CHECK(other.get());
  CHECK(world.ask("small/model"));
  world.parts->monitors.flush();
  REQUIRE(ends->seen.size() == 4);
  const MonitorEvent later = ends->seen.back();
  CHECK(later.queue_time + later.load_time == 0ns);
  ends->seen.pop_back();
  Names displaced;
  for (const MonitorEvent& each : ends->seen) {  // in the order in which they ended, which may be any
    const bool waited = each.model == "small/model";
    CHECK((each.queue_time > 0ns) == waited);
    CHECK((each.load_time > 0ns || !waited));
    CHECK(each.queue_time + each.load_time <= each.elapsed);
    displaced.insert(displaced.end(), each.displaced.begin(), each.displaced.end());
  }
  CHECK(displaced == Names{"fake::big/model"});  // of the one that came first
}

TEST_CASE("a request that waits for a program's load says how far that is", "[residents]") {
  ResidentsWorld world;
  Gate asks, told_half;
  world.server->on_load = [&](const LoadRequest& request, LoadSink& sink, const CallContext&) {
    asks.open();
    while (!world.waits_for("big/model")) std::this_thread::yield();
    sink.on_progress(0.5);
    told_half.pass();
    return world.server->keep(request);
  };
  auto loaded = std::async(std::launch::async, [&] { return world.load("big/model"); });
  asks.pass();
  const auto tell = [&](const Delta& delta) {
    if (delta.kind == Delta::Kind::progress && delta.content == "load" && delta.fraction == 0.5)
      told_half.open();
    return Flow::proceed;
  };
  CHECK(world.parts->generator.generate({{.model = "big/model", .messages = {user("hi")}}}, tell));
  CHECK(loaded.get());
}

TEST_CASE("what is preloaded is loaded without being asked for", "[residents]") {
  Config config;
  config.models.push_back({.alias = "chat",
                           .provider = "fake",
                           .key = "big/model",
                           .load = {.context_length = 8192},
                           .preload = true});
  ResidentsWorld world(config);
  world.parts.runtime().preload();
  while (world.server->instances().empty()) std::this_thread::yield();
  CHECK(world.server->requests()[0].settings.context_length == 8192);
  CHECK(world.ask("chat"));
  CHECK(world.loads() == Names{"big/model"});
}

TEST_CASE("a model that leaves its memory in mid-answer is brought back for the next", "[residents]") {
  ResidentsWorld world;
  CHECK(world.ask("big/model"));
  world.server->drop("big/model").value();
  std::atomic<int> asked = 0;
  world.server->on_chat = [&]() -> Result<ChatOutcome> {
    if (++asked == 1) return Error(ErrorCode::model_not_found, "no model 'big/model'");
    return ChatOutcome{.finish = Finish::stop};
  };
  CHECK(world.ask("big/model"));  // although nothing is retried
  CHECK(asked == 2);
}
