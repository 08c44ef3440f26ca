// SPDX-License-Identifier: MIT
#include "integration/simulator/sdk_socket.hpp"

#include <csignal>

#include <Poco/Net/NetException.h>

#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using Poco::Net::WebSocket;

namespace {

constexpr int kFinal = WebSocket::FRAME_FLAG_FIN;
constexpr int kText = WebSocket::FRAME_OP_TEXT;

const Value& request(const Value& state, std::string_view path) {
  static const Value none;
  const Value* found = &none;
  for (const Value& each : state["requests"].elements())
    if (each["path"].as_string() == path) found = &each;
  return *found;
}

// What a server answers to the handshake.
std::string refusal(int port, const std::string& path) {
  RawConnection connection(port);
  connection.send("GET " + path +
                  " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const std::string& seen = connection.read_until("\r\n");
  return seen.substr(0, seen.find("\r\n"));
}

}  // namespace

TEST_CASE("Every namespace of the WebSocket can be opened, another path is 401") {
  const Simulator simulator;
  for (const char* path :
       {"/llm", "/embedding", "/system", "/diagnostics", "/files", "/repository", "/plugins", "/runtime"}) {
    SdkSocket socket(simulator.port(), path, kUnsigned);
    CHECK(socket.sign_in("guest:a", "b")["success"].as_bool());
  }
  CHECK(refusal(simulator.port(), "/nothing") == "HTTP/1.1 401 Unauthorized");
  CHECK(http(simulator.port(), "GET", "/llm").json()["error"].is_string());
}

TEST_CASE("A script's server refuses every WebSocket, or never answers the handshake") {
  const Simulator refusing("websocket: {upgrade: refused}\n");
  CHECK(refusal(refusing.port(), "/llm") == "HTTP/1.1 403 Forbidden");
  const Simulator silent("websocket: {upgrade: unanswered}\n");
  RawConnection connection(silent.port());
  connection.send("GET /llm HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const Value state = silent.wait_for([](const Value& seen) { return !request(seen, "/llm").is_null(); });
  CHECK(request(state, "/llm")["status"].as_integer() == 0);
}

TEST_CASE("A client's name belongs to the first who comes with it") {
  const Simulator simulator;
  SdkSocket first(simulator.port(), "/llm", kUnsigned);
  SdkSocket second(simulator.port(), "/system", kUnsigned);
  SdkSocket third(simulator.port(), "/system", kUnsigned);
  CHECK(first.sign_in("guest:a", "one")["success"].as_bool());
  CHECK(second.sign_in("guest:a", "one")["success"].as_bool());
  CHECK(
      base::to_json(third.sign_in("guest:a", "two")) ==
      R"({"success":false,"error":"Client identifier \"guest:a\" is in use by another client, with another passkey."})");
  CHECK(third.ends());
}

TEST_CASE("First frames that are no authentication are ignored, but not for ever") {
  const Simulator patient;
  SdkSocket late(patient.port(), "/llm", kUnsigned);
  late.send("oops");
  late.send(R"({"type":"rpcCall","endpoint":"listLoaded","callId":1})");
  late.send(R"({"authVersion":2,"clientIdentifier":"a","clientPasskey":"b"})");
  CHECK(late.sign_in("guest:a", "b")["success"].as_bool());
  const Simulator impatient("websocket: {auth_timeout: 1ms}\n");
  SdkSocket silent(impatient.port(), "/llm", kUnsigned);
  CHECK(silent.receive()["error"].as_string() == "Authentication timed out");
  CHECK(silent.ends());
}

TEST_CASE("Where a token is required, only that token opens a socket") {
  const Simulator simulator("api_key: \"sk-lm-abcdefgh:01234567890123456789\"\n");
  const auto sign_in = [&](const char* identifier, const char* passkey) {
    return SdkSocket(simulator.port(), "/llm", kUnsigned).sign_in(identifier, passkey);
  };
  CHECK(sign_in("abcdefgh", "01234567890123456789")["success"].as_bool());
  CHECK_THAT(std::string(sign_in("guest:a", "b")["error"].as_string()),
             StartsWith("An LM Studio API token is required"));
  CHECK(sign_in("abcdefgh", "98765432109876543210")["error"].as_string() ==
        "Invalid LM Studio API token provided.");
}

TEST_CASE("What a socket can't do is a warning, five at most, and never an answer") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/llm");
  socket.send(R"({"type":"rpcCall","endpoint":"fly","callId":1})");
  socket.send(R"({"type":"rpcCall","endpoint":"unloadModel","callId":2,"parameter":{"identifier":7}})");
  socket.open(3, "fly");
  socket.open(4, "loadModel", R"({"modelKey":"x"})");
  std::string all;
  for (int i = 0; i < 4; ++i) all += base::to_json(socket.receive()) + "\n";
  socket.tell(9, "cancel");
  all += base::to_json(socket.receive()) + "\n";
  socket.send("{oops");
  socket.tell(9, "cancel");
  all += base::to_json(socket.call("getModelInfo",
                                   R"({"specifier":)" + by_name("ghost") + R"(,"throwIfNotFound":false})")) +
         "\n";
  check_golden("simulator/sdk_warnings.txt", all);
}

TEST_CASE("Calls and channels have numbers of their own") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/system");
  socket.open(0, "alive");
  CHECK(socket.call("version")["result"]["version"].as_string() == "0.4.23");
  socket.open(0, "alive");
  CHECK(socket.receive()["kind"].as_string() == "channelAlreadyOpen");
  socket.send(R"({"type":"channelSend","channelId":0,"message":{"type":"stop"},"ackId":5})");
  Value first = socket.receive(), second = socket.receive();
  if (first["type"].as_string() != "channelAck") std::swap(first, second);
  CHECK(base::to_json(first) == R"({"type":"channelAck","channelId":0,"ackId":5})");
  CHECK(base::to_json(second) == R"({"type":"channelClose","channelId":0})");
}

TEST_CASE("Keep-alives and pings are answered, fragments put together, a close is returned") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/system");
  socket.send(R"({"type":"keepAlive","more":[1]})");
  CHECK(socket.receive()["type"].as_string() == "keepAliveAck");
  socket.send_frame(R"({"type":"rpcCall","endpoint":)", kText);
  socket.send_frame("hello", kFinal | int{WebSocket::FRAME_OP_PING});
  int opcode = 0;
  CHECK(socket.receive_frame(opcode) == "hello");
  CHECK(opcode == WebSocket::FRAME_OP_PONG);
  socket.send_frame(R"("version",)", WebSocket::FRAME_OP_CONT);
  socket.send_frame(R"("callId":7})", kFinal | int{WebSocket::FRAME_OP_CONT});
  CHECK(socket.receive()["callId"].as_integer() == 7);
  socket.send_frame(R"({"type":)", kText);
  const std::string going_away("\x03\xE9", 2);
  socket.send_frame(going_away, kFinal | int{WebSocket::FRAME_OP_CLOSE});
  CHECK(socket.receive_frame(opcode) == going_away);
  CHECK(opcode == WebSocket::FRAME_OP_CLOSE);
}

TEST_CASE("The journal has what a client sent, word for word") {
  const Simulator simulator;
  const std::string parameter = load_of("phi-3-mini", R"(,"identifier":"m1","unknown":1.50)");
  SdkSocket socket(simulator.port(), "/llm");
  socket.run(1, "loadModel", parameter);
  const Value state = simulator.wait_for([](const Value& seen) {
    return request(seen, "/llm/loadModel")["outcome"].as_string() == "completed";
  });
  CHECK(request(state, "/llm/loadModel")["method"].as_string() == "CHANNEL");
  CHECK(request(state, "/llm/loadModel")["body"] == base::parse_json(parameter).value());
  CHECK(request(state, "/llm")["notes"].elements().at(0).as_string() == "client guest:test");
}

TEST_CASE("Faults meet the calls of a WebSocket: an error, silence, garbage, the end") {
  const Simulator simulator(R"(faults:
  - {when: {route: /system/version, nth: 1}, kind: error, body: {title: Boom, cause: A test}}
  - {when: {route: /system/version, nth: 2}, kind: stall}
  - {when: {route: /system/version, nth: 3}, kind: garbage}
  - {when: {route: /system/version, nth: 4}, kind: close}
)");
  SdkSocket socket(simulator.port(), "/system");
  CHECK(base::to_json(socket.call("version")) ==
        R"({"type":"rpcError","error":{"title":"Boom","cause":"A test"},"callId":0})");
  socket.send(R"({"type":"rpcCall","endpoint":"version","callId":100})");
  CHECK(socket.call("info")["result"]["isDaemon"] == Value(false));  // it is not held up by the other
  socket.send(R"({"type":"rpcCall","endpoint":"version","callId":101})");
  int opcode = 0;
  CHECK(!base::parse_json(socket.receive_frame(opcode)));
  socket.send(R"({"type":"rpcCall","endpoint":"version","callId":102})");
  CHECK(socket.ends());
}

TEST_CASE("Faults meet a load after so many messages") {
  const Simulator simulator(R"(faults:
  - {when: {route: /llm/loadModel, nth: 1}, kind: error, after_messages: 2, body: Engine crashed}
  - {when: {route: /llm/loadModel, nth: 2}, kind: close, after_messages: 2}
)");
  SdkSocket socket(simulator.port(), "/llm");
  const std::vector<Value> frames = socket.run(1, "loadModel", load_of("phi-3-mini"));
  REQUIRE(frames.size() == 3);
  CHECK(frames[2]["error"]["title"].as_string() == "Engine crashed");
  socket.open(2, "loadModel", load_of("phi-3-mini"));
  CHECK(socket.receive()["message"]["type"].as_string() == "resolved");
  CHECK(socket.receive()["message"]["type"].as_string() == "progress");
  CHECK(socket.ends());
  const Value state =
      simulator.wait_for([](const Value& seen) { return seen["counters"]["faults"].as_integer() == 2; });
  CHECK(state["instances"].elements().size() == 2);  // those of the start: both loads gave their memory back
}

TEST_CASE("The simulator ends at once with sockets and channels open") {
  Simulator simulator("models: [{key: slow, load_time: 1h}]\n");
  SdkSocket socket(simulator.port(), "/llm");
  socket.open(1, "loadModel", load_of("slow"));
  CHECK(socket.receive()["message"]["type"].as_string() == "resolved");
  SdkSocket unknown(simulator.port(), "/llm", kUnsigned);
  simulator.process().signal(SIGTERM);
  CHECK(simulator.process().wait() == 0);
}

TEST_CASE("The second port serves discovery and the WebSocket, and starts and stops the HTTP server") {
  const Simulator simulator({}, {"--sdk-port", "0", "--http-off"});
  CHECK(http(simulator.port(), "GET", "/lmstudio-greeting").json()["lmstudio"].as_bool());
  CHECK(http(simulator.port(), "GET", "/v1/models").json()["error"].is_string());
  SdkSocket socket(simulator.port(), "/system");
  CHECK(socket.call("startHttpServer", "{}")["type"].as_string() == "rpcResult");
  const int port = static_cast<int>(simulator.state()["http_port"].as_integer());
  CHECK(http(port, "GET", "/v1/models").json()["data"].is_array());
  SdkSocket over_http(port, "/system");
  CHECK(socket.call("stopHttpServer")["type"].as_string() == "rpcResult");
  CHECK(over_http.ends());
  CHECK_THROWS_AS(SdkSocket(port, "/system"), Poco::Net::ConnectionRefusedException);
  CHECK(socket.call("startHttpServer", R"({"port":)" + std::to_string(port) + "}")["type"].as_string() ==
        "rpcResult");
  CHECK(http(port, "GET", "/v1/models").status == 200);
  CHECK(socket.call("startHttpServer", R"({"port":1})")["error"]["cause"].as_string() ==
        "the HTTP server is already running on port " + std::to_string(port));
}
