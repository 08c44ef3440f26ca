// SPDX-License-Identifier: MIT
// The plugin's SDK client against the simulator: two sides of one protocol, written apart.
#include <chrono>
#include <future>
#include <optional>
#include <string>

#include "plugins/lmstudio/sdk_caller.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using lmstudio::Namespace;

namespace {

const std::string kToken = "sk-lm-abcdEFGH:0123456789abcdefghij";

Result<Value> version(SdkCaller& caller) {
  return caller.client.call(Namespace::system, "version", {}, {caller.cancellation});
}

// Says when it may be loading, which for a channel means that it is open.
class OpenListener final : public PhaseListener {
 public:
  void on_phase(Phase phase) override {
    if (phase == Phase::loading) open.set_value();
  }
  std::promise<void> open;
};

}  // namespace

TEST_CASE("the simulator answers a call, and warns of one that it does not know", "[sdk]") {
  const Simulator simulator;
  SdkCaller caller(simulator.base_url());
  const auto known = version(caller);
  if (!known) FAIL(known.error().message);
  CHECK((*known)["version"].is_string());

  const auto unknown = caller.client.call(Namespace::system, "teleport", {}, {caller.cancellation});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::unsupported);
  CHECK_THAT(unknown.error().message, ContainsSubstring("does not know 'system.teleport'"));
  CHECK(version(caller));
}

TEST_CASE("the simulator lets a token in, and nobody without one", "[sdk]") {
  const Simulator simulator("require_auth: true\napi_key: \"" + kToken + "\"\n");
  SdkCaller known(simulator.base_url(), Value::object({{"api_key", kToken}}));
  CHECK(version(known));
  SdkCaller guest(simulator.base_url());
  const auto refused = version(guest);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unauthenticated);
  CHECK_THAT(refused.error().message, ContainsSubstring("API token"));
}

TEST_CASE("what goes wrong in the simulator ends the call, and the next one works", "[sdk]") {
  const std::string fault = GENERATE("status", "stall", "close", "reset", "garbage");
  const Simulator simulator;
  simulator.play("faults: [{when: {route: /system/version, first: 1}, kind: " + fault + "}]");
  SdkCaller caller(simulator.base_url(), Value::object(), {.answer = fault == "stall" ? 100ms : 30s});
  const auto spoiled = version(caller);
  REQUIRE_FALSE(spoiled);
  const ErrorCode code = spoiled.error().code;
  if (fault == "stall") CHECK(code == ErrorCode::timeout);
  if (fault == "close" || fault == "reset") CHECK(code == ErrorCode::unreachable);
  if (fault == "garbage") CHECK(code == ErrorCode::protocol);
  if (fault == "status") CHECK(code == ErrorCode::model_lost);  // "The model has crashed…"
  if (fault == "stall") {                                       // less impatient
    SdkCaller other(simulator.base_url());
    CHECK(version(other));
  } else {
    CHECK(version(caller));
  }
}

TEST_CASE("a channel without messages ends with the server's process, and when it is cancelled", "[sdk]") {
  const bool dies = GENERATE(true, false);
  std::optional<Simulator> simulator(std::in_place);
  SdkCaller caller(simulator->base_url());
  OpenListener listener;
  const auto on_message = [](const Value&) { return Flow::proceed; };
  auto alive = std::async(std::launch::async, [&] {
    return caller.client.channel(Namespace::system, "alive", {}, on_message,
                                 {caller.cancellation, {}, &listener}, Value::object({{"type", "stop"}}));
  });
  listener.open.get_future().wait();
  CHECK(version(caller));  // behind the channel's creation, which the server has seen then
  if (dies)
    simulator.reset();
  else
    caller.cancellation.request();
  CHECK(alive.get().error().code == (dies ? ErrorCode::unreachable : ErrorCode::cancelled));
}

TEST_CASE("a server that was started again is connected to again", "[sdk]") {
  const std::vector<std::string> at_port{"--port", std::to_string(refused_port())};
  std::optional<Simulator> simulator(std::in_place, "", at_port);
  SdkCaller caller(simulator->base_url());
  CHECK(version(caller));
  simulator.reset();
  CHECK(version(caller).error().code == ErrorCode::unreachable);
  simulator.emplace("", at_port);
  CHECK(version(caller));
}

TEST_CASE("a load tells its progress and ends, or says in our terms why it can't", "[sdk]") {
  const Simulator simulator;
  SdkCaller caller(simulator.base_url());
  const auto load = [&](const std::string& key) {
    caller.messages.clear();
    return caller.follow(
        "loadModel",
        Value::object({{"modelKey", key}, {"loadConfigStack", Value::object({{"layers", Value::array()}})}}));
  };
  if (const auto loaded = load("phi-3-mini"); !loaded) FAIL(loaded.error().message);
  CHECK(caller.messages.front()["type"].as_string() == "resolved");
  CHECK(caller.messages.back()["type"].as_string() == "success");

  const Error unknown = load("openai/gpt-oss-2b").error();
  CHECK(unknown.code == ErrorCode::model_not_found);
  CHECK(unknown.detail["name"].as_string() == "openai/gpt-oss-2b");
  CHECK(unknown.detail["near"].elements().front() == Value("openai/gpt-oss-20b"));

  const Error huge = load("huge").error();
  CHECK(huge.code == ErrorCode::insufficient_memory);
  CHECK(huge.detail["required_bytes"].as_integer() > 0);

  const Value nobody = Value::object({{"identifier", "nobody"}});
  CHECK(caller.call("unloadModel", nobody).error().code == ErrorCode::model_not_found);
  CHECK(caller.call("unloadModel", Value::object({{"identifier", "phi-3-mini"}})));
  CHECK(caller.call("unloadModel", 7).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a load that is cancelled ends on the server, which keeps its memory", "[sdk]") {
  const Simulator simulator("models: [{key: slow, load_time: 1h}]\n");
  SdkCaller caller(simulator.base_url());
  std::promise<void> first;
  caller.first = &first;
  auto load = std::async(std::launch::async, [&] {
    return caller.follow("loadModel",
                         Value::object({{"modelKey", "slow"},
                                        {"loadConfigStack", Value::object({{"layers", Value::array()}})}}));
  });
  first.get_future().wait();
  caller.cancellation.request();
  CHECK(load.get().error().code == ErrorCode::cancelled);
  TestCancellation other;
  CHECK(caller.client.call(Namespace::llm, "listLoaded", {}, {other}).value() == Value::array());
}
