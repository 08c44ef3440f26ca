// SPDX-License-Identifier: MIT
// LM Studio's SDK protocol against a server that plays its part as it should.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "plugins/lmstudio/sdk_caller.hpp"
#include "plugins/lmstudio/sdk_peer.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/resources.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using lmstudio::Namespace;

namespace {

// Answers each call with its parameter, until the client goes.
void echo(SdkPeer& peer) {
  peer.open();
  for (Value request = peer.read_json(); !request.is_null(); request = peer.read_json())
    peer.answer(request, request["parameter"]);
}

Value channel_message(const Value& channel, Value message) {
  return Value::object(
      {{"type", "channelSend"}, {"channelId", channel["channelId"]}, {"message", std::move(message)}});
}
Value channel_close(const Value& channel) {
  return Value::object({{"type", "channelClose"}, {"channelId", channel["channelId"]}});
}

}  // namespace

TEST_CASE("a call is answered, over a socket that the next call uses too", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) { echo(peer); });
  SdkCaller caller(server.port());
  const Value parameter = Value::object({{"text", "hé\n"}, {"n", 1.5}});
  const auto answered = caller.call("tokenize", parameter);
  if (!answered) FAIL(answered.error().message);
  CHECK(*answered == parameter);
  CHECK(caller.phases.seen == "connecting waiting ");
  CHECK(caller.call("listLoaded", 7).value() == Value(7));
  CHECK(caller.phases.seen == "connecting waiting waiting ");
  CHECK(server.connections() == 1);
}

TEST_CASE("a call is written as the official clients write it, and no result is null", "[sdk]") {
  std::promise<std::vector<Value>> seen;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.upgrade();
    std::vector<Value> frames{peer.read_json()};
    peer.say(Value::object({{"success", true}}));
    for (int i = 0; i < 2; ++i) peer.answer(frames.emplace_back(peer.read_json()), {});
    seen.set_value(std::move(frames));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  CHECK(caller.call("version").value().is_null());
  CHECK(caller.call("unloadModel", Value::object({{"identifier", "m"}})).value().is_null());
  const std::vector<Value> frames = seen.get_future().get();
  CHECK(frames[0]["authVersion"] == Value(1));
  CHECK_THAT(std::string(frames[0]["clientIdentifier"].as_string()), StartsWith("guest:"));
  CHECK(frames[0]["clientPasskey"].as_string().size() >= 16);
  CHECK(frames[1] == Value::object({{"type", "rpcCall"}, {"endpoint", "version"}, {"callId", 0}}));
  CHECK(frames[2] == Value::object({{"type", "rpcCall"},
                                    {"endpoint", "unloadModel"},
                                    {"callId", 1},
                                    {"parameter", Value::object({{"identifier", "m"}})}}));
}

TEST_CASE("each part has a socket of its own, below the prefix, with the configured headers and one identity",
          "[sdk]") {
  std::mutex mutex;
  std::vector<std::string> heads;
  std::vector<Value> identities;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.upgrade();
    const Value identity = peer.read_json();
    {
      const std::lock_guard lock(mutex);
      heads.push_back(peer.request());
      identities.push_back(identity);
    }
    peer.say(Value::object({{"success", true}}));
    peer.answer(peer.read_json(), 1);
    peer.wait_for_close();
  });
  const std::string authority = "127.0.0.1:" + std::to_string(server.port());
  SdkCaller caller("http://" + authority + "/proxy/lm/v1/",
                   Value::object({{"api_key", "sk-lm-abcdEFGH:0123456789abcdefghij"},
                                  {"headers", Value::object({{"X-Team", "tachikoma"}})}}));
  for (const Namespace each : {Namespace::llm, Namespace::system, Namespace::diagnostics})
    CHECK(caller.client.call(each, "x", {}, {caller.cancellation}));
  REQUIRE(heads.size() == 3);
  CHECK_THAT(heads[0], StartsWith("GET /proxy/lm/llm HTTP/1.1\r\n"));
  CHECK_THAT(heads[1], StartsWith("GET /proxy/lm/system HTTP/1.1\r\n"));
  CHECK_THAT(heads[2], StartsWith("GET /proxy/lm/diagnostics HTTP/1.1\r\n"));
  CHECK_THAT(heads[0], ContainsSubstring("\r\nHost: " + authority + "\r\n"));
  CHECK_THAT(heads[0], ContainsSubstring("\r\nX-Team: tachikoma\r\n"));
  CHECK_THAT(heads[0], !ContainsSubstring("sk-lm"));
  CHECK(identities[0]["clientIdentifier"].as_string() == "abcdEFGH");
  CHECK(identities[0]["clientPasskey"].as_string() == "0123456789abcdefghij");
  CHECK(std::count(identities.begin(), identities.end(), identities[0]) == 3);
}

TEST_CASE("answers find their calls in any order, beside what is not known", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.open();
    const Value first = peer.read_json();
    const Value second = peer.read_json();
    peer.say(Value::object({{"type", "fromTheFuture"}, {"callId", first["callId"]}}));
    peer.say(Value::object({{"type", "rpcResult"}, {"callId", 4711}, {"result", "nobody's"}}));
    peer.say(Value::object({{"type", "channelClose"}, {"channelId", first["callId"]}}));
    peer.answer(second, second["parameter"]);
    peer.answer(first, first["parameter"]);
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  auto one = caller.call_later("a", "one");
  auto two = caller.call_later("b", "two");
  CHECK(one.get().value() == Value("one"));
  CHECK(two.get().value() == Value("two"));
}

TEST_CASE("64 calls at a time share one socket", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) { echo(peer); });
  SdkCaller caller(server.port());
  std::vector<std::future<Result<Value>>> calls;
  for (int i = 0; i < 64; ++i) calls.push_back(caller.call_later("echo", i));
  for (int i = 0; i < 64; ++i) CHECK(calls[static_cast<std::size_t>(i)].get().value() == Value(i));
  CHECK(server.connections() == 1);
}

TEST_CASE("a message is the same however its frames are cut", "[sdk]") {
  const std::string text = R"({"type":"rpcResult","callId":0,"result":{"text":"hé 😀"}})";
  std::atomic<std::size_t> pongs = 0;
  SdkPeerServer server([&](SdkPeer& peer, int number) {
    const std::size_t cut = static_cast<std::size_t>(number);
    peer.open();
    peer.read();
    peer.send(frame(text.substr(0, cut), 1, false));
    peer.send(frame("still there?", 9));
    peer.send(frame("", 0, false));
    const std::optional<std::string> pong = peer.read();
    if (pong == "still there?" && peer.opcode() == 10) ++pongs;
    peer.send(frame(text.substr(cut), 0));
    peer.wait_for_close();
  });
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    SdkCaller caller(server.port());
    CHECK(caller.call("x").value()["text"].as_string() == "hé 😀");
  }
  CHECK(pongs == text.size() + 1);
}

TEST_CASE("bytes that drip in one by one are the same messages", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.open();
    const Value call = peer.read_json();
    for (const char c : frame(base::to_json(
             Value::object({{"type", "rpcResult"}, {"callId", call["callId"]}, {"result", 5}}))))
      peer.send(std::string_view(&c, 1));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  CHECK(caller.call("x").value() == Value(5));
}

TEST_CASE("what comes right behind the upgrade is not lost", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.upgrade(frame("hello", 9) + frame(R"({"success":true})"));
    for (int i = 0; i < 3; ++i) peer.read();  // who comes, the answer to the ping, the call
    peer.send(frame(R"({"type":"rpcResult","callId":0,"result":"well"})"));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  CHECK(caller.call("x").value() == Value("well"));
}

TEST_CASE("a message of several megabytes goes both ways", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) { echo(peer); });
  SdkCaller caller(server.port());
  const std::string large(5 << 20, 'x');
  CHECK(caller.call("x", large).value().as_string().size() == large.size());
}

TEST_CASE("a channel hands its messages on in order, until the server closes it", "[sdk]") {
  std::promise<Value> created;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    const Value channel = peer.read_json();
    for (int i = 0; i < 3; ++i) peer.say(channel_message(channel, i));
    peer.say(channel_close(channel));
    created.set_value(channel);
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  CHECK(caller.follow("loadModel", Value::object({{"modelKey", "m"}})));
  CHECK(caller.messages == std::vector<Value>{0, 1, 2});
  CHECK(caller.phases.seen == "connecting loading ");
  CHECK(created.get_future().get() ==
        Value::object({{"type", "channelCreate"},
                       {"endpoint", "loadModel"},
                       {"channelId", 0},
                       {"creationParameter", Value::object({{"modelKey", "m"}})}}));
}

TEST_CASE("a message that wants to be acknowledged is", "[sdk]") {
  std::promise<Value> acknowledged;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    const Value channel = peer.read_json();
    Value message = channel_message(channel, 1);
    message.set("ackId", 9);
    peer.say(message);
    acknowledged.set_value(peer.read_json());
    peer.say(channel_close(channel));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  CHECK(caller.follow("streamLogs"));
  CHECK(acknowledged.get_future().get() ==
        Value::object({{"type", "channelAck"}, {"channelId", 0}, {"ackId", 9}}));
}

TEST_CASE("a channel may call on its own socket while it goes on", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.open();
    const Value channel = peer.read_json();
    peer.say(channel_message(channel, 1));
    peer.answer(peer.read_json(), "inner");
    peer.say(channel_close(channel));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  Value inner;
  const auto on_message = [&](const Value&) {
    inner = caller.call("x").value();
    return Flow::proceed;
  };
  CHECK(caller.client.channel(Namespace::llm, "predict", {}, on_message, {caller.cancellation}, {}));
  CHECK(inner == Value("inner"));
}

TEST_CASE("a channel that is stopped is told so, and ends when the server closes it", "[sdk]") {
  const bool by_cancelling = GENERATE(true, false);
  std::promise<Value> stop;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    const Value channel = peer.read_json();
    peer.say(channel_message(channel, 1));
    stop.set_value(peer.read_json());
    peer.say(channel_message(channel, 2));
    peer.say(channel_close(channel));
    peer.answer(peer.read_json(), "next");
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  if (!by_cancelling) caller.flow = Flow::stop;
  std::promise<void> first;
  caller.first = &first;
  auto running = std::async(std::launch::async, [&] { return caller.follow("predict"); });
  first.get_future().wait();
  if (by_cancelling) caller.cancellation.request();
  CHECK(running.get().error().code == ErrorCode::cancelled);
  CHECK(stop.get_future().get() ==
        channel_message(Value::object({{"channelId", 0}}), Value::object({{"type", "cancel"}})));
  // what comes after the cancellation may matter to the caller; after its own "stop" it does not
  CHECK(caller.messages.size() == (by_cancelling ? 2 : 1));
  TestCancellation other;
  CHECK(caller.client.call(Namespace::llm, "x", {}, {other}).value() == Value("next"));
}

TEST_CASE("a socket that was lost is replaced at the next call", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int number) {
    peer.open();
    const Value call = peer.read_json();
    if (number == 0) return;
    peer.answer(call, "again");
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  const auto lost = caller.call("x");
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == ErrorCode::unreachable);
  CHECK(lost.error().retryable);
  CHECK(caller.call("x").value() == Value("again"));
  CHECK(server.connections() == 2);
}

TEST_CASE("over TLS it is the same", "[sdk][tls]") {
  if (run({.argv = {"sh", "-c", "command -v openssl"}}).exit_code != 0) {
    WARN("SKIPPED: no openssl program here");
    return;
  }
  TempDir folder;
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem "
      "-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null";
  REQUIRE(run({.argv = {"sh", "-c", make}, .folder = folder.path()}).exit_code == 0);
  SdkPeerServer server([](SdkPeer& peer, int) { echo(peer); }, folder.path());
  const std::string url = "https://localhost:" + std::to_string(server.port());
  const Value trusting =
      Value::object({{"tls", Value::object({{"ca_file", std::string(folder.path() / "cert.pem")}})}});
  SdkCaller caller(url, trusting);
  const std::string large(3 << 20, 'x');
  CHECK(caller.call("x", large).value().as_string().size() == large.size());
  std::vector<std::future<Result<Value>>> calls;
  for (int i = 0; i < 16; ++i) calls.push_back(caller.call_later("echo", i));
  for (int i = 0; i < 16; ++i) CHECK(calls[static_cast<std::size_t>(i)].get().value() == Value(i));
  CHECK(server.connections() == 1);

  SdkCaller distrustful(url);
  const auto refused = distrustful.call("x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unreachable);
  CHECK_THAT(refused.error().message, ContainsSubstring("ertificate"));
}

TEST_CASE("nothing of a client stays: no thread, no descriptor", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) { echo(peer); });
  const Resources before;
  {
    SdkCaller caller(server.port());
    for (const Namespace each : {Namespace::llm, Namespace::embedding, Namespace::runtime})
      CHECK(caller.client.call(each, "x", {}, {caller.cancellation}));
  }
  CHECK(comes_true(std::chrono::seconds(20), [&] {
    const Resources now;
    return now.threads == before.threads &&
           now.descriptors.size() == before.descriptors.size() + 3;  // the server's sides
  }));
}
