// SPDX-License-Identifier: MIT
// The plugin's SDK client against the simulator: two sides of one protocol, written apart.
#include <chrono>
#include <future>
#include <optional>
#include <string>

#include "protocol/sdk_caller.hpp"
#include "support/catch.hpp"
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
  SdkCaller caller(simulator.base_url(), Value::object(), {5s, fault == "stall" ? 100ms : 30s, 1s});
  const auto spoiled = version(caller);
  REQUIRE_FALSE(spoiled);
  const ErrorCode code = spoiled.error().code;
  if (fault == "stall") CHECK(code == ErrorCode::timeout);
  if (fault == "close" || fault == "reset") CHECK(code == ErrorCode::unreachable);
  if (fault == "garbage") CHECK(code == ErrorCode::protocol);
  if (fault == "status") CHECK(code == ErrorCode::model_lost);  // "The model has crashed…"
  CHECK(version(caller));
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
  std::optional<Simulator> simulator(std::in_place);
  const std::string port = std::to_string(simulator->port());
  SdkCaller caller(simulator->base_url());
  CHECK(version(caller));
  simulator.reset();
  CHECK(version(caller).error().code == ErrorCode::unreachable);
  simulator.emplace(std::string(), std::vector<std::string>{"--port", port});
  CHECK(version(caller));
}
