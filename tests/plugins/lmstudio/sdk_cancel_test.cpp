// SPDX-License-Identifier: MIT
// Stopping and cancelling calls of LM Studio's SDK protocol, in each stage.
#include <chrono>
#include <future>
#include <string>

#include "plugins/common/net/stuck_look_up.hpp"
#include "plugins/lmstudio/sdk_caller.hpp"
#include "plugins/lmstudio/sdk_peer.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using lmstudio::Namespace;

TEST_CASE("a channel whose server does not react to its stop is left", "[sdk]") {
  const bool floods = GENERATE(false, true);
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    const Value id = peer.read_json()["channelId"];
    const Value message = Value::object({{"type", "channelSend"}, {"channelId", id}, {"message", 1}});
    peer.say(message);
    while (floods && peer.say(message)) continue;
    peer.wait_for_close();
  });
  SdkCaller caller(server.port(), {.stop = 50ms});
  caller.flow = Flow::stop;
  CHECK(caller.follow("predict").error().code == ErrorCode::cancelled);
}

TEST_CASE("cancelling ends a call in every stage", "[sdk]") {
  enum Stage { connect, upgrade, authenticate, answer };
  const Stage stage = GENERATE(connect, upgrade, authenticate, answer);
  const bool channel = GENERATE(false, true);
  std::promise<void> reached;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.request();
    if (stage > upgrade) peer.upgrade();
    if (stage > upgrade) peer.read();
    if (stage > authenticate) peer.say(Value::object({{"success", true}}));
    if (stage > authenticate) peer.read();
    reached.set_value();
    peer.wait_for_close();
  });
  const std::string name = stage == connect ? "somewhere" : "127.0.0.1";
  StuckLookUp look_up;
  {
    SdkCaller caller("http://" + name + ":" + std::to_string(server.port()), Value::object(),
                     {1h, 1h, 1h, 1h, 10ms}, look_up.function());
    auto call = std::async(std::launch::async, [&]() -> ErrorCode {
      if (channel) return caller.follow("loadModel").error().code;
      return caller.call("x").error().code;
    });
    if (stage == connect)
      look_up.wait_until_begun();
    else
      reached.get_future().wait();
    caller.cancellation.request();
    CHECK(call.get() == ErrorCode::cancelled);
    CHECK(caller.call("x").error().code == ErrorCode::cancelled);
  }
  if (stage == connect) look_up.end();
}

TEST_CASE("a call that is cancelled while others wait for the same socket is never sent", "[sdk]") {
  std::promise<void> authenticating;
  std::promise<void> go_on;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.upgrade();
    peer.read();
    authenticating.set_value();
    go_on.get_future().wait();
    peer.say(Value::object({{"success", true}}));
    for (Value call = peer.read_json(); !call.is_null(); call = peer.read_json())
      peer.answer(call, call["endpoint"]);
  });
  SdkCaller caller(server.port());
  auto cancelled = caller.call_later("unwanted");
  authenticating.get_future().wait();
  TestCancellation other;
  std::promise<void> waits;
  class Waits final : public PhaseListener {
   public:
    explicit Waits(std::promise<void>& begun) : begun_(begun) {}
    void on_phase(Phase phase) override {
      if (phase == Phase::connecting) begun_.set_value();
    }

   private:
    std::promise<void>& begun_;
  } listener(waits);
  auto wanted = std::async(std::launch::async, [&] {
    return caller.client.call(Namespace::llm, "wanted", {}, {other, {}, &listener});
  });
  waits.get_future().wait();
  caller.cancellation.request();
  CHECK(cancelled.get().error().code == ErrorCode::cancelled);
  go_on.set_value();
  CHECK(wanted.get().value() == Value("wanted"));
}
