// SPDX-License-Identifier: MIT
// What programs do to each other's models on one LM Studio, one after another and beside each other.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/user_session.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Ids = std::vector<std::string>;

constexpr char kRoomForOne[] = "memory: 6GB\nmodels: [{key: a, size: 4GB}, {key: b, size: 4GB}]\n";
constexpr char kHeldA[] = "replies: [{when: {model: a}, text: one two three}]\nhold: {answers: [a]}\n";

/// A user with one LM Studio that has room for one model, who runs a program for each request.
class OneServer {
 public:
  explicit OneServer(const std::string& script = {})
      : simulator(kRoomForOne + script),
        shell_("providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() +
               "', timeouts: {load: 20s}}}\nmodels: {a: {provider: lm}, b: {provider: lm}}\n") {}

  const Simulator simulator;

  Command command(const std::vector<std::string>& words) const {
    Command command = shell_.command(words);
    command.env.emplace_back("XDG_RUNTIME_DIR", session.folder().path().string());
    return command;
  }
  Finished ask(const std::string& model) const { return run(command({"ask", "-m", model, "Hi"})); }
  Ids memory() const {
    Ids ids;
    const Value state = simulator.state();
    for (const Value& each : state["instances"].elements()) ids.emplace_back(each["id"].as_string());
    return ids;
  }
  void unload_by_hand(const std::string& id) const {
    CHECK(http(simulator.port(), "POST", "/api/v1/models/unload", R"({"instance_id":")" + id + R"("})")
              .status == 200);
  }
  void load_by_hand(const std::string& key) const {
    CHECK(http(simulator.port(), "POST", "/api/v1/models/load", R"({"model":")" + key + R"("})").status ==
          200);
  }
  void wait_for_first_token() const {
    simulator.wait_for([](const Value& state) { return state["counters"]["tokens"].as_integer() >= 1; });
  }
  void wait_for_refused_load() const {
    simulator.wait_for([](const Value& state) {
      return std::ranges::any_of(state["requests"].elements(), [](const Value& each) {
        return each["path"].as_string().ends_with("/loadModel") && each["status"].as_integer() == 500;
      });
    });
  }
  std::int64_t cut_off() const { return simulator.state()["counters"]["stopped"].as_integer(); }

  UserSession session;

 private:
  Shell shell_;
};

/// A program that runs, and has its question.
class Asking {
 public:
  Asking(const OneServer& world, const std::string& model)
      : process(world.command({"ask", "-m", model, "Hi"})) {
    process.close_input();
  }
  Process process;
};

}  // namespace

TEST_CASE("what one program's request has loaded makes room for the next program's at once",
          "[cli][shared]") {
  const OneServer world;
  CHECK(world.ask("a").exit_code == 0);
  CHECK(world.memory() == Ids{"a"});
  const Finished second = world.ask("b");
  CHECK(second.exit_code == 0);
  CHECK(second.err.empty());
  CHECK(world.memory() == Ids{"b"});
  CHECK(world.session.records().size() == 1);
  CHECK(world.session.files().empty());
}

TEST_CASE("a program waits for the answer that another program's model gives", "[cli][shared]") {
  const OneServer world(kHeldA);
  Asking first(world, "a");
  world.wait_for_first_token();
  Asking second(world, "b");
  world.wait_for_refused_load();
  CHECK(world.memory() == Ids{"a"});
  world.simulator.play("hold: {}");
  CHECK(first.process.read_line() == "one two three");
  CHECK(first.process.wait() == 0);
  CHECK(second.process.wait() == 0);
  CHECK(world.cut_off() == 0);
  CHECK(world.memory() == Ids{"b"});
}

TEST_CASE("two programs that use a model keep it for both", "[cli][shared]") {
  const OneServer world(kHeldA);
  Asking first(world, "a"), second(world, "a");
  world.simulator.wait_for([](const Value& state) { return state["counters"]["tokens"].as_integer() == 2; });
  Asking third(world, "b");
  world.wait_for_refused_load();
  first.process.signal(SIGKILL);  // one of them ends early, and tells nobody
  first.process.wait();
  CHECK(world.memory() == Ids{"a"});
  world.simulator.play("hold: {}");
  CHECK(second.process.read_line() == "one two three");
  CHECK(second.process.wait() == 0);
  CHECK(third.process.wait() == 0);
  CHECK(world.memory() == Ids{"b"});
}

TEST_CASE("a program that is killed does not keep its model", "[cli][shared]") {
  const OneServer world(kHeldA);
  Asking killed(world, "a");
  world.wait_for_first_token();
  killed.process.signal(SIGKILL);
  killed.process.wait();
  CHECK(world.ask("b").exit_code == 0);
  CHECK(world.memory() == Ids{"b"});
}

TEST_CASE("what no request of ours has loaded stays", "[cli][shared]") {
  const OneServer world;
  SECTION("a plain request has") { REQUIRE(chat(world.simulator.port(), "a", "Hi").status == 200); }
  SECTION("the user has") { REQUIRE(run(world.command({"load", "a"})).exit_code == 0); }
  SECTION("the user has, after a request of ours had") {
    REQUIRE(world.ask("a").exit_code == 0);
    world.unload_by_hand("a");
    SECTION("with our program") { REQUIRE(run(world.command({"load", "a"})).exit_code == 0); }
    SECTION("elsewhere, so it never leaves by itself") { world.load_by_hand("a"); }
  }
  const Finished refused = world.ask("b");
  CHECK(refused.exit_code == 7);
  CHECK(world.memory() == Ids{"a"});
  CHECK(world.session.records().empty());
}

TEST_CASE("unload waits for the answer of another program, and names it", "[cli][shared]") {
  const OneServer world(kHeldA);
  Asking first(world, "a");
  world.wait_for_first_token();
  const std::string errors = world.session.folder().path() / "errors";
  Process unloading(with_errors_in(world.command({"unload", "a"}), errors));
  unloading.close_input();
  const std::string who = "'a' is unloaded when another program (pid " + std::to_string(first.process.pid()) +
                          ") does not use it any more";
  wait_until(
      std::chrono::seconds(20),
      [&] { return std::filesystem::exists(errors) && read_file(errors).find(who) != std::string::npos; },
      [&] { return "it says: " + read_file(errors); });
  CHECK(world.memory() == Ids{"a"});
  world.simulator.play("hold: {}");
  CHECK(first.process.read_line() == "one two three");
  CHECK(unloading.wait() == 0);
  CHECK(world.cut_off() == 0);
  CHECK(world.memory().empty());
  CHECK(world.session.records().empty());
}

TEST_CASE("programs that want different models all the time all get their answers", "[cli][shared]") {
  const OneServer world;
  for (int round = 0; round < 3; ++round) {
    Asking one(world, "a"), two(world, "b"), three(world, "a");
    for (Asking* each : {&one, &two, &three}) CHECK(each->process.wait() == 0);
  }
  CHECK(world.cut_off() == 0);
}
