// SPDX-License-Identifier: MIT
// What just_in_time_lanes_test.cpp does to plain requests, done to a runtime's: it loads its models itself,
// so no answer is cut off and no model is in memory twice.
#include <algorithm>
#include <cstddef>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Ids = std::vector<std::string>;

// The ids of all instances.
Ids memory_of(const Simulator& simulator) {
  Ids ids;
  const Value state = simulator.state();
  for (const Value& each : state["instances"].elements()) ids.emplace_back(each["id"].as_string());
  return ids;
}

// How many loads were asked for, over any API, and have this status: 200, 500 for want of memory, 0 while
// they run.
std::ptrdiff_t loads_in(const Value& state, int status) {
  return std::ranges::count_if(state["requests"].elements(), [&](const Value& each) {
    const std::string_view path = each["path"].as_string();
    return (path.ends_with("/loadModel") || path.ends_with("/getOrLoad") || path.ends_with("/models/load")) &&
           each["status"].as_integer() == status;
  });
}

// The end of a load is recorded when its client knows it.
std::ptrdiff_t loads_of(const Simulator& simulator) {
  return loads_in(simulator.wait_for([](const Value& state) { return loads_in(state, 0) == 0; }), 200);
}

// Answers that ended early. An answer that nobody has seen anything of is asked for again, so only the server
// knows.
std::int64_t cut_off(const Value& state) { return state["counters"]["stopped"].as_integer(); }

bool has_refused_a_load(const Value& state) { return loads_in(state, 500) > 0; }

auto has_made(std::int64_t tokens) {
  return [tokens](const Value& state) { return state["counters"]["tokens"].as_integer() == tokens; };
}

bool loads_one(const Value& state) { return !state["instances"].elements().empty(); }

// A runtime of its own for a simulator: one of several programs, perhaps.
class Program {
 public:
  explicit Program(const Simulator& simulator, const std::string& owner = "managed")
      : runtime_(opened(folder_, simulator, owner)) {}
  Result<Reply> ask(const std::string& model, std::stop_token stop = {}) {
    return runtime_.generate_text({.model = model, .messages = {user("Hi")}, .stop = std::move(stop)});
  }

 private:
  static Runtime opened(const TempDir& folder, const Simulator& simulator, const std::string& owner) {
    std::string config = "providers: {lmstudio: {base_url: '" + simulator.base_url() + "'}}\nmodels:\n";
    for (const char* model : {"a", "b", "c"})
      config += std::string("  ") + model + ": {provider: lmstudio, owner: " + owner + "}\n";
    return Runtime::open(folder.write("tachikoma.yaml", config), [](auto&&...) {}).value();
  }
  TempDir folder_;
  Runtime runtime_;
};

// A question that is asked on a thread of its own, and withdrawn if nobody waits for the answer.
class Question {
 public:
  Question(Program& program, const std::string& model, std::latch* start = nullptr)
      : reply_(std::async(std::launch::async, [this, &program, model, start] {
          if (start) start->arrive_and_wait();
          return program.ask(model, stop_.get_token());
        })) {}
  ~Question() { stop_.request_stop(); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  Result<Reply> reply() { return reply_.get(); }

 private:
  std::stop_source stop_;
  std::future<Result<Reply>> reply_;
};

// The instances that answer when so many threads ask for a model at once, and its load is held until they
// have.
Ids answered_at_once(const Simulator& simulator, Program& program, const std::string& model, int threads) {
  simulator.play("hold: {loads: [" + model + "]}");
  std::latch start(threads);
  std::vector<std::unique_ptr<Question>> questions;
  for (int i = 0; i < threads; ++i) questions.push_back(std::make_unique<Question>(program, model, &start));
  simulator.wait_for(loads_one);
  simulator.play("hold: {}");
  Ids served;
  for (const auto& each : questions) served.push_back(each->reply().value().model);
  return served;
}

constexpr char kSizes[] = "models: [{key: a, size: 4GB}, {key: b, size: 4GB}, {key: c, size: 4GB}]\n";
constexpr char kHeldA[] = "replies: [{when: {model: a}, text: one two three}]\nhold: {answers: [a]}\n";

const std::string kThreeModels = std::string(kSizes) + "joins_loads: false\n";

}  // namespace

TEST_CASE("a question to one model does not cut off the answer of another", "[runtime][lanes]") {
  const Simulator simulator(kThreeModels + kHeldA);
  Program program(simulator);
  Question first(program, "a");
  simulator.wait_for(has_made(1));
  CHECK(program.ask("b").value().model == "b");
  simulator.play("hold: {}");
  CHECK(first.reply().value().text == "one two three");
  CHECK(cut_off(simulator.state()) == 0);
  CHECK(memory_of(simulator) == Ids{"a", "b"});
}

TEST_CASE("a question to one model cuts off the answer of another if LM Studio is left to load them",
          "[runtime][lanes]") {
  const Simulator simulator(kThreeModels + kHeldA);
  Program program(simulator, "jit");
  const Question first(program, "a");
  simulator.wait_for(has_made(1));
  CHECK(program.ask("b").value().model == "b");
  simulator.wait_for([](const Value& state) { return cut_off(state) == 1; });
  CHECK(loads_of(simulator) == 0);
}

TEST_CASE("a question waits for the answer of a model that it needs the memory of", "[runtime][lanes]") {
  const Simulator simulator(kThreeModels + kHeldA + "memory: 6GB\n");
  Program program(simulator);
  Question first(program, "a");
  simulator.wait_for(has_made(1));
  Question second(program, "b");
  simulator.wait_for(has_refused_a_load);
  simulator.play("hold: {}");
  CHECK(first.reply().value().text == "one two three");
  CHECK(second.reply().value().model == "b");
  CHECK(cut_off(simulator.state()) == 0);
  CHECK(memory_of(simulator) == Ids{"b"});
}

TEST_CASE("questions that come while their model loads wait for that load", "[runtime][lanes]") {
  const Simulator simulator(kThreeModels);
  Program program(simulator);
  CHECK(answered_at_once(simulator, program, "a", 4) == Ids(4, "a"));
  CHECK(memory_of(simulator) == Ids{"a"});
  CHECK(loads_of(simulator) == 1);
}

TEST_CASE("a model that has left the memory is loaded once, however many ask for it then",
          "[runtime][lanes]") {
  const Simulator simulator(kThreeModels);
  REQUIRE(Program(simulator).ask("a"));
  SECTION("nobody has used it for an hour") { simulator.pass_idle("1h"); }
  SECTION("a user has unloaded it") {
    CHECK(http(simulator.port(), "POST", "/api/v1/models/unload", R"({"instance_id":"a"})").status == 200);
  }
  REQUIRE(memory_of(simulator).empty());
  Program program(simulator);
  CHECK(answered_at_once(simulator, program, "a", 3) == Ids(3, "a"));
  CHECK(loads_of(simulator) == 2);
  CHECK(memory_of(simulator) == Ids{"a"});
}

TEST_CASE("what a program has loaded leaves the memory that its next model needs", "[runtime][lanes]") {
  const Simulator simulator(kThreeModels + "memory: 10GB\n");
  Program program(simulator);
  for (const char* model : {"a", "b", "c", "a"}) CHECK(program.ask(model).value().model == model);
  CHECK(memory_of(simulator).size() == 2);
}

TEST_CASE("what another program's request has loaded is used, not loaded beside it", "[runtime][lanes]") {
  const Simulator simulator(kThreeModels);
  Program program(simulator);
  REQUIRE(chat(simulator.port(), "a", "Hi").status == 200);
  CHECK(program.ask("a").value().model == "a");
  CHECK(memory_of(simulator) == Ids{"a"});
  CHECK(loads_of(simulator) == 0);
}

TEST_CASE("two programs share a model, and neither takes it from the other", "[runtime][lanes]") {
  const Simulator simulator(kThreeModels + kHeldA + "memory: 6GB\n");
  Program one(simulator), two(simulator);
  Question first(one, "a");
  simulator.wait_for(has_made(1));
  SECTION("both use one instance") {
    Question second(two, "a");
    simulator.wait_for(has_made(2));
    simulator.play("hold: {}");
    CHECK(second.reply().value().text == "one two three");
  }
  SECTION("one that needs its memory does not get it") {
    const Result<Reply> refused = two.ask("b");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::insufficient_memory);
    simulator.play("hold: {}");
  }
  CHECK(first.reply().value().text == "one two three");
  CHECK(cut_off(simulator.state()) == 0);
  CHECK(memory_of(simulator) == Ids{"a"});
  CHECK(loads_of(simulator) == 1);
}
