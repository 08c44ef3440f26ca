// SPDX-License-Identifier: MIT
// What runtimes that share a server do to each other's models.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/user_session.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

/// Answers that wait until they may end.
class HeldAnswers {
 public:
  Result<ChatOutcome> answer() {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return free_; });
    return ChatOutcome{.finish = Finish::stop};
  }
  void wait_for_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return begun_ > 0; });
  }
  bool may_end() {
    const std::lock_guard lock(mutex_);
    return free_;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    free_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  bool free_ = false;
};

/// A program with a runtime; all of them have room for one model on the same server.
class SharingProgram {
 public:
  explicit SharingProgram(const std::shared_ptr<FakeModelServer>& server, const ModelConfig& model = {}) {
    Config config;
    config.memory.max_instances = 1;
    if (!model.alias.empty()) config.models.push_back(model);
    calls::ProviderSetup with_address = setup("fake", server);
    with_address.components[0].url = "http://127.0.0.1:1234";
    const auto log = [this](Severity, std::string_view, std::string_view text) {
      const std::lock_guard lock(mutex_);
      log_.emplace_back(text);
      logged_.notify_all();
    };
    parts_ = TestParts(RuntimeParts::make(std::move(config), PluginRegistry({}, log),
                                          {.providers = {std::move(with_address)},
                                           .tools = {},
                                           .monitors = std::make_shared<MonitorHub>(log)}));
  }
  void wait_for_log(const std::string& text) {
    std::unique_lock lock(mutex_);
    logged_.wait(lock, [&] { return std::ranges::count(log_, text) > 0; });
  }
  const TestParts& parts() const { return parts_; }
  Result<Reply> ask(std::string_view model, std::stop_token stop = {}) {
    return parts_->generator.generate(
        {{.model = std::string(model), .messages = {user("hi")}, .stop = std::move(stop)}}, {});
  }
  auto ask_beside(std::string_view model, std::stop_token stop = {}) {
    return std::async(std::launch::async,
                      [this, name = std::string(model), stop] { return ask(name, stop); });
  }
  // Until it has tried to get the place of another model, and did not get it.
  bool is_held_up() const {
    for (const ScheduledModel& each : parts_.runtime().explain().models)
      if (each.waiting > 0) return each.residence == Residence::absent;
    return false;
  }
  void wait_until_held_up() const {
    while (!is_held_up()) std::this_thread::yield();
  }
  bool calls_foreign(std::string_view key) const {
    for (const ScheduledModel& each : parts_.runtime().explain().models)
      if (each.key == key) return each.foreign;
    return false;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable logged_;
  std::vector<std::string> log_;
  TestParts parts_;  // last: it logs
};

struct SharedServer {
  UserSession session;
  std::shared_ptr<FakeModelServer> server = std::make_shared<FakeModelServer>();
};

}  // namespace

TEST_CASE("what an earlier program's request has loaded makes room", "[shared]") {
  SharedServer world;
  REQUIRE(SharingProgram(world.server).ask("big/model"));
  CHECK(world.session.records().size() == 1);
  SharingProgram later(world.server);
  CHECK(later.ask("small/model"));
  CHECK(world.server->instances() == Names{"small/model"});
  CHECK(world.session.records().size() == 1);
  CHECK_FALSE(later.calls_foreign("big/model"));
}

TEST_CASE("what an earlier program's request has loaded is used, and stays for that", "[shared]") {
  SharedServer world;
  REQUIRE(SharingProgram(world.server).ask("big/model"));
  SharingProgram later(world.server), third(world.server);
  HeldAnswers answers;
  world.server->on_chat = [&] { return answers.answer(); };
  auto asked = later.ask_beside("big/model");
  answers.wait_for_one();
  world.server->on_unload = [&](std::string_view instance) {
    CHECK(answers.may_end());
    return world.server->drop(instance);
  };
  auto other = third.ask_beside("small/model");
  third.wait_until_held_up();
  CHECK(world.server->instances() == Names{"big/model"});
  answers.end();
  CHECK(asked.get());
  CHECK(other.get());
  CHECK(world.server->requests().size() == 2);
  const auto switches = third.parts().runtime().explain().switches;  // tries in vain are none
  CHECK(std::ranges::count(switches, false, &ModelSwitch::loaded) == 1);
}

TEST_CASE("a request that waits too long for what another program uses says so", "[shared]") {
  SharedServer world;
  SharingProgram one(world.server);
  HeldAnswers answers;
  world.server->on_chat = [&] { return answers.answer(); };
  auto asked = one.ask_beside("big/model");
  answers.wait_for_one();
  Config config;
  config.memory.max_instances = 1;
  calls::ProviderSetup hasty = setup("fake", world.server, {.load = 500ms});
  hasty.components[0].url = "http://127.0.0.1:1234";
  const auto parts = make_parts({std::move(hasty)}, std::move(config));
  const Result<Reply> late =
      parts->generator.generate({{.model = "small/model", .messages = {user("hi")}}}, {});
  REQUIRE_FALSE(late);
  CHECK_THAT(late.error().message,
             ContainsSubstring("waited for the place of 'fake::big/model', which another program uses"));
  answers.end();
  CHECK(asked.get());
}

TEST_CASE("what a program loads on its own is not unloaded by others", "[shared]") {
  SharedServer world;
  SharingProgram one(world.server), two(world.server);
  REQUIRE(one.parts()->management.load("big/model", {}, {}, {}));
  CHECK(world.session.records().empty());
  std::stop_source stop;
  auto other = two.ask_beside("small/model", stop.get_token());
  two.wait_until_held_up();
  CHECK(two.calls_foreign("big/model"));
  stop.request_stop();
  CHECK(other.get().error().code == ErrorCode::cancelled);
  CHECK(world.server->instances() == Names{"big/model"});
  CHECK(one.ask("small/model"));  // it may itself
}

TEST_CASE("a load on request takes an old record's place", "[shared]") {
  SharedServer world;
  REQUIRE(SharingProgram(world.server).ask("big/model"));
  world.server->drop("big/model").value();  // by its ttl, while no program runs
  REQUIRE(world.session.records().size() == 1);
  REQUIRE(SharingProgram(world.server).parts()->management.load("big/model", {}, {}, {}));
  CHECK(world.session.records().empty());
}

TEST_CASE("what is pinned stays as long as the program that pinned it", "[shared]") {
  SharedServer world;
  auto one = std::make_unique<SharingProgram>(
      world.server, ModelConfig{.alias = "chat", .provider = "fake", .key = "big/model", .pin = true});
  REQUIRE(one->ask("chat"));
  SharingProgram two(world.server);
  auto other = two.ask_beside("small/model");
  two.wait_until_held_up();
  CHECK(world.server->instances() == Names{"big/model"});
  one.reset();
  CHECK(other.get());
  CHECK(world.server->instances() == Names{"small/model"});
}

TEST_CASE("what another program has loaded is pinned where the configuration says so", "[shared]") {
  SharedServer world;
  REQUIRE(SharingProgram(world.server).ask("big/model"));
  SharingProgram pins(world.server, {.alias = "chat", .provider = "fake", .key = "big/model", .pin = true});
  REQUIRE(pins.ask("chat"));
  SharingProgram two(world.server);
  std::stop_source stop;
  auto other = two.ask_beside("small/model", stop.get_token());
  two.wait_until_held_up();
  stop.request_stop();
  CHECK(other.get().error().code == ErrorCode::cancelled);
  CHECK(world.server->instances() == Names{"big/model"});
}

TEST_CASE("unloading on request waits until no other program uses the model", "[shared]") {
  SharedServer world;
  SharingProgram one(world.server), two(world.server);
  HeldAnswers answers;
  world.server->on_chat = [&] { return answers.answer(); };
  auto asked = one.ask_beside("big/model");
  answers.wait_for_one();
  world.server->on_unload = [&](std::string_view instance) {
    CHECK(answers.may_end());
    return world.server->drop(instance);
  };
  std::stop_source stop;
  auto unloaded = std::async(std::launch::async,
                             [&] { return two.parts()->management.unload("big/model", stop.get_token()); });
  SECTION("it is unloaded then") {
    two.wait_for_log("'big/model' is unloaded when another program does not use it any more");
    answers.end();
    CHECK(asked.get());
    CHECK(unloaded.get().value() == Names{"big/model"});
    CHECK(world.session.records().empty());
  }
  SECTION("it is given up") {
    two.wait_for_log("'big/model' is unloaded when another program does not use it any more");
    stop.request_stop();
    CHECK(unloaded.get().error().code == ErrorCode::cancelled);
    answers.end();
    CHECK(asked.get());
    CHECK(world.server->instances() == Names{"big/model"});
    CHECK(world.session.records().size() == 1);
  }
}

TEST_CASE("a model that another program unloads is loaded again for who asks for it meanwhile", "[shared]") {
  SharedServer world;
  SharingProgram one(world.server), two(world.server);
  REQUIRE(one.ask("big/model"));
  std::promise<void> begun, go_on;
  std::atomic<bool> is_first = true;
  world.server->on_unload = [&](std::string_view instance) {
    if (is_first.exchange(false)) {
      begun.set_value();
      go_on.get_future().wait();
    }
    return world.server->drop(instance);
  };
  auto other = two.ask_beside("small/model");
  begun.get_future().wait();
  auto again = one.ask_beside("big/model");
  go_on.set_value();
  CHECK(other.get());
  CHECK(again.get());
}

TEST_CASE("a model that another program unloads after the list was made is not used", "[shared]") {
  SharedServer world;
  SharingProgram one(world.server), two(world.server);
  REQUIRE(one.ask("big/model"));
  std::atomic<bool> is_first = true;
  world.server->on_listed = [&] {
    if (is_first.exchange(false)) CHECK(one.ask("small/model"));
  };
  CHECK(two.ask("big/model"));
  CHECK(world.server->instances() == Names{"big/model"});
  CHECK(world.session.records().size() == 1);
}

TEST_CASE("what was loaded by hand under a recorded name stays", "[shared]") {
  SharedServer world;
  REQUIRE(SharingProgram(world.server).ask("big/model"));
  world.server->on_loaded = [&] {
    auto all = world.server->in_memory();
    for (ModelStatus& each : *all) each.ttl = {0ms, Source::reported, "fake"};  // it stays, so it is another
    return all;
  };
  SharingProgram two(world.server);
  std::stop_source stop;
  auto other = two.ask_beside("small/model", stop.get_token());
  while (!two.calls_foreign("big/model")) std::this_thread::yield();
  stop.request_stop();
  CHECK(other.get().error().code == ErrorCode::cancelled);
  CHECK(world.server->instances() == Names{"big/model"});
  CHECK(world.session.records().empty());
}
