// SPDX-License-Identifier: MIT
// What users of LM Studio report of models that requests load, with plain HTTP requests: an answer cut off by
// a request for another model, a model in memory twice, memory that nothing frees. What our programs meet
// instead is in switching_on_lmstudio_test.cpp.
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Ids = std::vector<std::string>;

constexpr char kUnloaded[] = R"({"error":"Model unloaded by user or API request."})";

Ids in_memory(const Value& state) {
  Ids ids;
  for (const Value& each : state["instances"].elements()) ids.emplace_back(each["id"].as_string());
  return ids;
}

const Value& instance(const Value& state, const std::string& id) {
  for (const Value& each : state["instances"].elements())
    if (each["id"].as_string() == id) return each;
  throw std::runtime_error("'" + id + "' is not in memory");
}

auto has_instances(std::size_t count) {
  return [count](const Value& state) { return in_memory(state).size() == count; };
}

// A streamed chat whose answer is read later.
std::unique_ptr<RawConnection> ask(const Simulator& simulator, const std::string& model) {
  auto connection = std::make_unique<RawConnection>(simulator.port());
  connection->post("/v1/chat/completions", chat_body(model, "Hi", kStream));
  return connection;
}

HttpReply load(const Simulator& simulator, const std::string& model) {
  return http(simulator.port(), "POST", "/api/v1/models/load", R"({"model":")" + model + "\"}");
}

const std::string kHeldAnswer = R"(
models: [{key: a}, {key: b}]
replies: [{when: {model: a}, text: one two three}]
hold: {answers: [a]}
)";

}  // namespace

// lmstudio-bug-tracker#671, #1796
TEST_CASE("a request for a model unloads the one of another request in the middle of its answer",
          "[simulator][lanes]") {
  const Simulator simulator(kHeldAnswer);
  SECTION("a streamed answer ends in an error") {
    const auto cut = ask(simulator, "a");
    cut->read_until("one");
    CHECK(chat(simulator.port(), "b", "Hi").status == 200);
    const std::string& seen = cut->read_until("unloaded");
    CHECK_THAT(seen, ContainsSubstring(std::string("data: ") + kUnloaded));
    CHECK_THAT(seen, !ContainsSubstring("two") && !ContainsSubstring("[DONE]"));
  }
  SECTION("a whole answer is an error") {
    auto cut = std::async(std::launch::async, [&] { return chat(simulator.port(), "a", "Hi"); });
    simulator.wait_for([](const Value& state) { return state["counters"]["tokens"].as_integer() == 1; });
    CHECK(chat(simulator.port(), "b", "Hi").status == 200);
    const HttpReply reply = cut.get();
    CHECK(reply.status == 400);
    CHECK(reply.json()["error"].as_string() == "Model unloaded by user or API request.");
  }
  CHECK(in_memory(simulator.state()) == Ids{"b"});
}

TEST_CASE("without its automatic eviction, LM Studio keeps both models, and both answers are whole",
          "[simulator][lanes]") {
  const Simulator simulator(kHeldAnswer + "auto_evict: false\n");
  const auto whole = ask(simulator, "a");
  whole->read_until("one");
  CHECK(chat(simulator.port(), "b", "Hi").status == 200);
  simulator.play("hold: {}");
  CHECK_THAT(whole->read_until("[DONE]"), ContainsSubstring("three"));
  CHECK(in_memory(simulator.state()) == Ids{"a", "b"});
}

// lmstudio-bug-tracker#1751
TEST_CASE("requests that come while their model loads load it again, each of them", "[simulator][lanes]") {
  const Simulator simulator("joins_loads: false\nmodels: [{key: m}]\nhold: {loads: [m]}\n");
  std::vector<std::unique_ptr<RawConnection>> asked;
  for (std::size_t count = 1; count <= 3; ++count) {
    asked.push_back(ask(simulator, "m"));
    simulator.wait_for(has_instances(count));
  }
  simulator.play("hold: {}");
  const Ids three{"m", "m:2", "m:3"};
  for (std::size_t i = 0; i < three.size(); ++i)
    CHECK_THAT(asked[i]->read_until("[DONE]"), ContainsSubstring(R"("model":")" + three[i] + '"'));
  CHECK(in_memory(simulator.state()) == three);  // the automatic eviction has no effect on them
  CHECK(chat(simulator.port(), "m", "Hi").json()["model"].as_string() == "m");
  CHECK(in_memory(simulator.state()) == three);
}

TEST_CASE("requests that load their model again find no memory for it", "[simulator][lanes]") {
  const Simulator simulator(
      "memory: 10GB\njoins_loads: false\nmodels: [{key: m, size: 4GB}]\nhold: {loads: [m]}\n");
  const auto first = ask(simulator, "m"), second = ask(simulator, "m");
  simulator.wait_for(has_instances(2));
  const HttpReply third = chat(simulator.port(), "m", "Hi");
  CHECK(third.status == 400);
  CHECK_THAT(std::string(third.json()["error"]["message"].as_string()),
             StartsWith("Failed to load model \"m\". Error:"));
}

TEST_CASE("requests that join the load of their model are served by one instance", "[simulator][lanes]") {
  const Simulator simulator("models: [{key: m}]\nhold: {loads: [m]}\n");
  const auto first = ask(simulator, "m"), second = ask(simulator, "m");
  simulator.wait_for([](const Value& state) { return state["requests"].elements().size() == 2; });
  simulator.play("hold: {}");
  for (const auto& each : {first.get(), second.get()})
    CHECK_THAT(each->read_until("[DONE]"), ContainsSubstring(R"("model":"m")"));
  CHECK(in_memory(simulator.state()) == Ids{"m"});
}

// lmstudio-bug-tracker#634
TEST_CASE("the requests after an idle time load their model twice", "[simulator][lanes]") {
  const Simulator simulator("joins_loads: false\nmodels: [{key: m}]\n");
  CHECK(chat(simulator.port(), "m", "Hi").status == 200);
  simulator.pass_idle("59m");
  CHECK(in_memory(simulator.state()) == Ids{"m"});
  simulator.pass_idle("1m");
  CHECK(in_memory(simulator.state()).empty());
  simulator.play("hold: {loads: [m]}");
  const auto first = ask(simulator, "m");
  simulator.wait_for(has_instances(1));
  const auto second = ask(simulator, "m");
  simulator.wait_for(has_instances(2));
  simulator.play("hold: {}");
  CHECK_THAT(second->read_until("[DONE]"), ContainsSubstring(R"("model":"m:2")"));
  CHECK(in_memory(simulator.state()) == Ids{"m", "m:2"});
}

// lmstudio-bug-tracker#634 too: one request is enough
TEST_CASE("what an idle time unloads stays in memory, beside its next load", "[simulator][lanes]") {
  const Simulator simulator("expiry_frees: false\nmodels: [{key: m}, {key: n}]\n");
  const auto served = [&] { return chat(simulator.port(), "m", "Hi").json()["model"].as_string() == "m:2"; };
  CHECK(chat(simulator.port(), "m", "Hi").status == 200);
  simulator.pass_idle("1h");
  CHECK(instance(simulator.state(), "m")["expired"].as_bool());
  CHECK(served());
  CHECK(served());
  CHECK(in_memory(simulator.state()) == Ids{"m", "m:2"});
  CHECK(chat(simulator.port(), "n", "Hi").status == 200);
  CHECK(in_memory(simulator.state()) == Ids{"m", "n"});  // nor is it evicted
}

// lmstudio-bug-tracker#644
TEST_CASE("a model that a program loads stays, whatever requests need its memory", "[simulator][lanes]") {
  const Simulator simulator(
      "memory: 10GB\nmodels: [{key: a, size: 4GB}, {key: b, size: 4GB}, {key: c, size: 4GB}]\n");
  CHECK(load(simulator, "a").status == 200);
  CHECK(chat(simulator.port(), "b", "Hi").status == 200);
  CHECK(chat(simulator.port(), "c", "Hi").status == 200);
  const Value state = simulator.state();
  CHECK(in_memory(state) == Ids{"a", "c"});
  CHECK(instance(state, "a")["ttl_ms"].is_null());
  CHECK(instance(state, "c")["ttl_ms"].as_integer() == 3'600'000);
  SECTION("an idle time frees only what requests have loaded") {
    simulator.pass_idle("100h");
    CHECK(in_memory(simulator.state()) == Ids{"a"});
  }
  SECTION("a second one, and no request can load anything any more") {
    CHECK(http(simulator.port(), "POST", "/api/v1/models/unload", R"({"instance_id":"c"})").status == 200);
    CHECK(load(simulator, "b").status == 200);
    const HttpReply refused = chat(simulator.port(), "c", "Hi");
    CHECK(refused.status == 400);
    CHECK_THAT(std::string(refused.json()["error"]["message"].as_string()),
               ContainsSubstring("insufficient system resources"));
    CHECK(in_memory(simulator.state()) == Ids{"a", "b"});
  }
}

// lmstudio-bug-tracker#644 too
TEST_CASE("a model that a request has loaded is loaded again by a program, and takes its memory twice",
          "[simulator][lanes]") {
  const Simulator simulator("models: [{key: m}]\n");
  CHECK(chat(simulator.port(), "m", "Hi").status == 200);
  CHECK(load(simulator, "m").json()["instance_id"].as_string() == "m:2");
  const Value state = simulator.state();
  CHECK(in_memory(state) == Ids{"m", "m:2"});
  CHECK(instance(state, "m")["jit"].as_bool());
  CHECK_FALSE(instance(state, "m:2")["jit"].as_bool());
}
