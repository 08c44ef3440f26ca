// SPDX-License-Identifier: MIT
// Everything that a server can do wrong to LM Studio's SDK protocol, and cancelling in each stage. No call
// hangs.
#include <future>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "base/json.hpp"
#include "plugins/common/net/stuck_look_up.hpp"
#include "plugins/lmstudio/sdk_caller.hpp"
#include "plugins/lmstudio/sdk_peer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using lmstudio::Namespace;
using lmstudio::SdkTimeouts;

namespace {

// Long enough for every stage but the one that a test is about.
constexpr SdkTimeouts kPatient{1h, 1h, 1h, 1h, 1h};

SdkTimeouts with(std::chrono::milliseconds SdkTimeouts::*member, std::chrono::milliseconds limit) {
  SdkTimeouts timeouts = kPatient;
  timeouts.*member = limit;
  return timeouts;
}

Value warning(const char* kind, const std::string& text) {
  return Value::object({{"type", "communicationWarning"}, {"kind", kind}, {"warning", text}});
}

std::string answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// The error of a call to a server that does this.
Error error_of(const SdkPeerServer::Script& script, SdkTimeouts timeouts = {}) {
  SdkPeerServer server(script);
  SdkCaller caller(server.port(), timeouts);
  const auto result = caller.call("listLoaded");
  REQUIRE_FALSE(result);
  Error error = result.error();
  const std::string port = std::to_string(server.port());
  for (std::string* text : {&error.message, &error.hint})
    if (const std::size_t at = text->find(port); at != std::string::npos)
      text->replace(at, port.size(), "1234");
  return error;
}

}  // namespace

TEST_CASE("a refused upgrade says what the server said", "[sdk]") {
  struct Case {
    std::string reply;
    ErrorCode code;
    int status;
    std::string message;
  };
  const auto each = GENERATE(values<Case>({
      {answer("403 Forbidden", ""), ErrorCode::unsupported, 403,
       "LM Studio at http://127.0.0.1:1234 or a guard in front of it refuses to open its WebSocket '/llm' "
       "(HTTP status 403)"},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", ErrorCode::unsupported, 403,
       "LM Studio at http://127.0.0.1:1234 or a guard in front of it refuses to open its WebSocket '/llm' "
       "(HTTP status 403)"},
      {answer("401 Unauthorized",
              R"({"error":{"message":"An LM Studio API token is required","code":"invalid_api_key"}})"),
       ErrorCode::unauthenticated, 401,
       "LM Studio at http://127.0.0.1:1234 does not open its WebSocket '/llm' to this client (HTTP status "
       "401): "
       "\"An LM Studio API token is required\""},
      {answer("404 Not Found", "<html>nginx</html>"), ErrorCode::unsupported, 404,
       "LM Studio at http://127.0.0.1:1234 does not offer its WebSocket '/llm' (HTTP status 404)"},
      {answer("200 OK", R"-({"error":"Unexpected endpoint or method. (GET /llm)"})-"), ErrorCode::unsupported,
       200,
       "LM Studio at http://127.0.0.1:1234 does not offer its WebSocket '/llm' (HTTP status 200): "
       "\"Unexpected "
       "endpoint or method. (GET /llm)\""},
      {answer("503 Service Unavailable", R"({"error":"starting"})"), ErrorCode::overloaded, 503,
       "LM Studio at http://127.0.0.1:1234 is not ready for more work: \"starting\""},
  }));
  const Error error = error_of([&](SdkPeer& peer, int) {
    peer.request();
    peer.send(each.reply);
    peer.wait_for_close();
  });
  CHECK(error.code == each.code);
  CHECK(error.http_status == each.status);
  CHECK(error.message == each.message);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("401 from a server that knows this client means that it has no such WebSocket", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int number) {
    if (number > 0) {
      peer.request();
      peer.send(answer("401 Unauthorized", ""));
    } else {
      peer.open();
      peer.answer(peer.read_json(), 1);
    }
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  CHECK(caller.call("x"));
  const auto survey = caller.client.call(Namespace::runtime, "surveyHardware", {}, {caller.cancellation});
  REQUIRE_FALSE(survey);
  CHECK(survey.error().code == ErrorCode::unsupported);
  CHECK_THAT(survey.error().message, ContainsSubstring("does not offer its WebSocket '/runtime'"));
}

TEST_CASE("what is no upgrade is a breach of the protocol", "[sdk]") {
  const std::string reply =
      GENERATE("SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n");
  const Error error = error_of([&](SdkPeer& peer, int) {
    peer.request();
    peer.send(reply);
    peer.wait_for_close();
  });
  CHECK(error.code == ErrorCode::protocol);
  CHECK_THAT(error.message, ContainsSubstring("its WebSocket '/llm': its answer is not "));
}

TEST_CASE("nobody listening, and a connection that is closed at each stage, are unreachable", "[sdk]") {
  SdkCaller caller(refused_port());
  const auto refused = caller.call("x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unreachable);
  CHECK_THAT(refused.error().message, StartsWith("no server answers at http://127.0.0.1:"));

  const int stage = GENERATE(0, 1, 2, 3, 4);
  const Error error = error_of([&](SdkPeer& peer, int) {
    if (stage > 0) peer.request();
    if (stage > 1) peer.upgrade();
    if (stage > 2) peer.read();
    if (stage > 3) {
      peer.say(Value::object({{"success", true}}));
      peer.read();
    }
  });
  CHECK(error.code == ErrorCode::unreachable);
  CHECK(error.retryable);
  CHECK_THAT(error.message,
             StartsWith("LM Studio at http://127.0.0.1:1234 was lost on its WebSocket '/llm': "));
}

TEST_CASE("silence at each stage runs into a time-out that names it", "[sdk]") {
  const Error upgrade =
      error_of([](SdkPeer& peer, int) { peer.wait_for_close(); }, with(&SdkTimeouts::upgrade, 50ms));
  CHECK(upgrade.code == ErrorCode::timeout);
  CHECK(upgrade.retryable);
  CHECK(upgrade.detail == Value::object({{"clock", "connect"}, {"limit_ms", 50}, {"stage", "upgrade"}}));
  CHECK(
      upgrade.message ==
      "LM Studio at http://127.0.0.1:1234 does not answer the upgrade to its WebSocket '/llm' within 50 ms");

  const auto silent_after_upgrade = [](SdkPeer& peer, int) {
    peer.upgrade();
    peer.wait_for_close();
  };
  CHECK(
      error_of(silent_after_upgrade, with(&SdkTimeouts::authenticate, 50ms)).message ==
      "LM Studio at http://127.0.0.1:1234 does not answer the authentication on its WebSocket '/llm' within "
      "50 ms");

  const auto silent_after_open = [](SdkPeer& peer, int) {
    peer.open();
    peer.wait_for_close();
  };
  const Error call = error_of(silent_after_open, with(&SdkTimeouts::answer, 50ms));
  CHECK(call.code == ErrorCode::timeout);
  CHECK_FALSE(call.retryable);
  CHECK(call.message == "LM Studio at http://127.0.0.1:1234 does not answer 'llm.listLoaded' in time");
}

TEST_CASE("a silent TLS handshake and a look-up without an end run into a time-out", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) { peer.wait_for_close(); });
  SdkCaller tls("https://127.0.0.1:" + std::to_string(server.port()), Value::object(),
                with(&SdkTimeouts::connect, 50ms));
  CHECK(tls.call("x").error().code == ErrorCode::timeout);

  StuckLookUp look_up;
  {
    SdkCaller caller("http://somewhere:1", Value::object(), with(&SdkTimeouts::connect, 50ms),
                     look_up.function());
    const auto result = caller.call("x");
    REQUIRE_FALSE(result);
    CHECK(result.error().message ==
          "LM Studio at http://somewhere:1 does not accept a connection within 50 ms");
  }
  look_up.end();
}

TEST_CASE("a deadline of the caller's own ends its call alone", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.open();
    for (Value call = peer.read_json(); !call.is_null(); call = peer.read_json())
      if (call["endpoint"].as_string() == "second") peer.answer(call, "answered");
  });
  SdkCaller caller(server.port(), kPatient);
  const auto deadline = kit::CallScope::Clock::now() + 200ms;
  const auto late = caller.client.call(Namespace::llm, "x", {}, {caller.cancellation, deadline});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK(caller.call("second").value() == Value("answered"));
}

TEST_CASE("a refused authentication is told in the server's words, with what to do", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.upgrade();
    peer.read();
    peer.say(Value::object({{"success", false}, {"error", "An LM Studio API token is required."}}));
  });
  const std::string key = GENERATE("", "lm-studio", "sk-lm-abcdEFGH:0123456789abcdefghij");
  SdkCaller caller("http://127.0.0.1:" + std::to_string(server.port()), Value::object({{"api_key", key}}));
  const auto result = caller.call("x");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::unauthenticated);
  CHECK_THAT(result.error().message,
             ContainsSubstring(" refuses this client: \"An LM Studio API token is required.\""));
  CHECK_THAT(result.error().message + result.error().hint, !ContainsSubstring("0123456789"));
  CHECK_THAT(result.error().hint, key.empty() ? StartsWith("create an API token in LM Studio")
                                  : key.starts_with("sk")
                                      ? StartsWith("check that the API token")
                                      : StartsWith("api_key is not an LM Studio API token"));
}

TEST_CASE("garbage fails every call that is under way, and the next one connects anew", "[sdk]") {
  const std::string garbage = GENERATE(values<std::string>(
      {frame("no json"), frame("[1]"), frame("{}"), frame(R"({"type":"rpcResult"})"), frame("\xff\xfe"),
       frame(std::string(100'000, '[')), frame("x", 2), frame("x", 0), frame("{}", 3), frame("x", 0x41),
       frame("{", 1, false) + frame("{}"), frame(std::string(126, 'p'), 9), frame("p", 9, false),
       std::string("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10),  // a frame of 2^63 bytes
       std::string("\x81\x7f\x00\x00\x00\x00\x04\x00\x00\x01", 10)}));
  SdkPeerServer server([&](SdkPeer& peer, int number) {
    peer.open();
    const Value call = peer.read_json();
    if (number > 0) {
      peer.answer(call, "well");
    } else {
      peer.read();
      peer.send(garbage);
    }
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  auto other = caller.call_later("a");
  const auto result = caller.call("b");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::protocol);
  CHECK(other.get().error().code == ErrorCode::protocol);
  CHECK(caller.call("x").value() == Value("well"));
}

TEST_CASE("a message that grows beyond all limits is refused", "[sdk]") {
  const Error error = error_of([](SdkPeer& peer, int) {
    peer.open();
    peer.read();
    const std::string megabyte(1 << 20, ' ');
    peer.send(frame(megabyte, 1, false));
    while (peer.send(frame(megabyte, 0, false))) continue;
  });
  CHECK(error.code == ErrorCode::protocol);
  CHECK_THAT(error.message, ContainsSubstring("it sends a message larger than 64 MiB"));
}

TEST_CASE("a close frame is answered, and its reason told", "[sdk]") {
  std::promise<int> answered;
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    peer.read();
    peer.send(frame("\x03\xe9going away", 8));
    peer.read();
    answered.set_value(peer.opcode());
  });
  SdkCaller caller(server.port());
  const auto result = caller.call("x");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::unreachable);
  CHECK_THAT(result.error().message, ContainsSubstring("it closed the WebSocket (1001, going away)"));
  CHECK(answered.get_future().get() == 8);
}

TEST_CASE("a warning in place of an answer fails the call that it means", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) {
    peer.open();
    for (int i = 0; i < 3; ++i) peer.read();
    peer.say(warning("channelUnknown", "Received channelSend, channelId = 99"));
    peer.say(warning("rpcEndpointUnknown", "Received rpcCall for unknown endpoint, endpoint = estimate"));
    peer.say(warning("rpcParameterTypeError", "what was it?"));
    peer.say(warning("channelEndpointUnknown", "Received channelCreate"));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  auto named = caller.call_later("estimate");
  auto remaining = caller.call_later("listLoaded");
  const auto channel = caller.follow("loadModel");
  REQUIRE_FALSE(channel);
  CHECK(channel.error().code == ErrorCode::unsupported);
  CHECK_THAT(channel.error().message,
             ContainsSubstring("does not know 'llm.loadModel': \"Received channelCreate\""));
  const Error unknown = named.get().error();
  CHECK(unknown.code == ErrorCode::unsupported);
  CHECK_THAT(unknown.message, ContainsSubstring("does not know 'llm.estimate'"));
  const Error mistyped = remaining.get().error();
  CHECK(mistyped.code == ErrorCode::invalid_argument);
  CHECK_THAT(mistyped.message, ContainsSubstring("'llm.listLoaded' was given: \"what was it?\""));
}

TEST_CASE("a channel fails as the server says, or with its socket", "[sdk]") {
  const bool says = GENERATE(true, false);
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    const Value id = peer.read_json()["channelId"];
    peer.say(Value::object({{"type", "channelSend"}, {"channelId", id}, {"message", 1}}));
    if (!says) return;
    peer.say(Value::object({{"type", "channelError"},
                            {"channelId", id},
                            {"error", Value::object({{"title", "The model has crashed"}})}}));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  const auto outcome = caller.follow("predict", Value::object({{"modelKey", "m"}}));
  CHECK(caller.messages.size() == 1);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == (says ? ErrorCode::model_lost : ErrorCode::unreachable));
}

TEST_CASE("a channel that sends faster than it is read fails before it fills the memory", "[sdk]") {
  SdkPeerServer server([&](SdkPeer& peer, int) {
    peer.open();
    const Value id = peer.read_json()["channelId"];
    Value message = Value::object({{"type", "channelSend"}, {"channelId", id}, {"message", 1}});
    peer.say(message);
    const Value call = peer.read_json();
    message.set("message", std::string(8 << 20, 'x'));
    const std::string bytes = frame(base::to_json(message));
    for (int i = 0; i < 9; ++i) peer.send(bytes);
    peer.answer(call, 1);
    peer.say(Value::object({{"type", "channelClose"}, {"channelId", id}}));
    peer.wait_for_close();
  });
  SdkCaller caller(server.port());
  int read = 0;
  const auto on_message = [&](const Value&) {
    if (read++ == 0) CHECK(caller.call("answeredBehindAllOfIt"));
    return Flow::proceed;
  };
  const auto outcome =
      caller.client.channel(Namespace::llm, "streamLogs", {}, on_message, {caller.cancellation}, {});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::overloaded);
  CHECK(read < 9);
}

TEST_CASE("a process without a free descriptor is told so", "[sdk]") {
  SdkPeerServer server([](SdkPeer& peer, int) { peer.open(); });
  SdkCaller caller(server.port());
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto result = caller.call("x");
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::overloaded);
  CHECK_THAT(result.error().message, ContainsSubstring("no free file descriptor"));
}
