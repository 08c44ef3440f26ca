// SPDX-License-Identifier: MIT
#include <memory>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string fault(const std::string& members) { return "faults: [{" + members + "}]\n"; }

std::int64_t counter(const Value& state, const char* name) { return state["counters"][name].as_integer(); }

bool no_stream_is_open(const Value& state) { return state["open_streams"].as_integer() == 0; }

// The whole of what a raw chat request gets.
std::string raw_chat(int port, const std::string& more) {
  RawConnection connection(port);
  connection.post("/v1/chat/completions", chat_body(kMistral, "Hello", more));
  return connection.read_all();
}

}  // namespace

TEST_CASE("A scripted status comes once, with its body and Retry-After, and a retry succeeds") {
  const Simulator simulator(
      fault("when: {nth: 1, route: /v1/chat/completions}, kind: status, status: 429, retry_after: 2"));
  const HttpReply refused = chat(simulator.port(), kMistral, "Hi");
  CHECK(refused.status == 429);
  CHECK(refused.headers.at("Retry-After") == "2");
  CHECK(refused.json()["error"]["type"].as_string() == "rate_limit_error");
  CHECK(chat(simulator.port(), kMistral, "Hi").status == 200);
  const Value state = simulator.wait_for([](const Value& now) { return counter(now, "faults") > 0; });
  CHECK(counter(state, "faults") == 1);
}

TEST_CASE("A scripted status may bring any body") {
  const Simulator simulator(fault("kind: status, status: 500, body: {error: {message: Boom, code: 7}}"));
  const HttpReply reply = http(simulator.port(), "GET", "/v1/models");
  CHECK(reply.status == 500);
  CHECK(reply.json()["error"]["code"].as_integer() == 7);
}

TEST_CASE("A stream can be cut off in the middle, without its end") {
  const Simulator simulator(fault("kind: close, after_tokens: 3"));
  const std::string seen = raw_chat(simulator.port(), kStream);
  CHECK_THAT(seen, ContainsSubstring("\" is\""));
  CHECK(seen.find("[DONE]") == std::string::npos);
  CHECK(seen.find("\r\n0\r\n\r\n") == std::string::npos);
  CHECK(simulator.wait_for(no_stream_is_open)["requests"].elements().at(0)["tokens_sent"].as_integer() == 3);
}

TEST_CASE("A whole answer can be cut off in the middle") {
  const Simulator simulator(fault("kind: close, after_tokens: 3"));
  const std::string seen = raw_chat(simulator.port(), "");
  CHECK_THAT(seen, ContainsSubstring("200 OK"));
  CHECK(seen.find("\"usage\"") == std::string::npos);
}

TEST_CASE("A connection can be closed before anything is sent") {
  const Simulator simulator(fault("kind: close"));
  CHECK(raw_chat(simulator.port(), kStream).empty());
}

TEST_CASE("Errors inside a stream come in both frames, and no [DONE] follows") {
  const Simulator plain(fault("kind: error, after_tokens: 2, body: Channel Error"));
  const std::string data = chat(plain.port(), kMistral, "Hello", kStream).body;
  CHECK_THAT(data, Catch::Matchers::EndsWith("data: {\"error\":\"Channel Error\"}\n\n"));
  const Simulator named(fault("kind: error_event, after_tokens: 2"));
  CHECK_THAT(chat(named.port(), kMistral, "Hello", kStream).body,
             ContainsSubstring("event: error\ndata: {\"error\":{\"message\":\"The model has crashed"));
}

TEST_CASE("Garbage stands in a frame of the stream, or in place of the body") {
  const Simulator framed(fault("kind: garbage, after_tokens: 1"));
  CHECK_THAT(chat(framed.port(), kMistral, "Hello", kStream).body, ContainsSubstring("\"content\":\n\n"));
  const Simulator whole(fault("kind: garbage"));
  CHECK_THAT(chat(whole.port(), kMistral, "Hello").body, ContainsSubstring("not JSON"));
}

TEST_CASE("An answer can name another model than the one that was asked") {
  const Simulator simulator(fault("kind: wrong_model, served: impostor"));
  CHECK(chat(simulator.port(), kMistral, "Hi").json()["model"].as_string() == "impostor");
}

TEST_CASE("A client that leaves a stalled stream is noticed, with the tokens it got") {
  const Simulator simulator(fault("kind: stall, after_tokens: 4"));
  {
    RawConnection connection(simulator.port());
    connection.post("/v1/chat/completions", chat_body(kMistral, "Hello", kStream));
    connection.read_until("\"-\"");
    CHECK(simulator.state()["open_streams"].as_integer() == 1);
  }
  const Value state = simulator.wait_for(no_stream_is_open);
  CHECK(counter(state, "stopped") == 1);
  CHECK(state["disconnects"].elements().at(0)["tokens_sent"].as_integer() == 4);
}

TEST_CASE("A client that leaves while tokens come stops the generation") {
  const Simulator simulator("replies: [{text: a b c d e f g h i j k l m n o p, delay_per_token: 1h}]\n");
  {
    RawConnection connection(simulator.port());
    connection.post("/v1/chat/completions", chat_body(kMistral, "Hello", kStream));
    connection.read_until("text/event-stream");
  }
  const Value state = simulator.wait_for([](const Value& seen) { return counter(seen, "stopped") == 1; });
  CHECK(state["requests"].elements().at(0)["outcome"].as_string() == "stopped");
  CHECK(state["requests"].elements().at(0)["tokens_sent"].as_integer() == 0);
}

TEST_CASE("A client that leaves before a whole answer is ready stops the generation") {
  const Simulator simulator("replies: [{text: a b c, delay_per_token: 1h}]\n");
  {
    RawConnection connection(simulator.port());
    connection.post("/v1/chat/completions", chat_body(kMistral, "Hello"));
    simulator.wait_for([](const Value& state) { return state["open_streams"].as_integer() == 1; });
  }
  CHECK(counter(simulator.wait_for(no_stream_is_open), "completed") == 0);
}

TEST_CASE("Sixty-four streams run at once") {
  const Simulator simulator(fault("kind: stall, after_tokens: 1"));
  std::vector<std::unique_ptr<RawConnection>> connections;
  for (int i = 0; i < 64; ++i) {
    connections.push_back(std::make_unique<RawConnection>(simulator.port()));
    connections.back()->post("/v1/chat/completions", chat_body(kMistral, "Hello", kStream));
  }
  for (const auto& connection : connections) connection->read_until("\"This\"");
  CHECK(simulator.state()["open_streams"].as_integer() == 64);
  connections.clear();
  CHECK(counter(simulator.wait_for(no_stream_is_open), "stopped") == 64);
}

TEST_CASE("The journal holds what was asked, until it is reset") {
  const Simulator simulator;
  http(simulator.port(), "GET", "/v1/models", "", {{"X-Test", "yes"}});
  chat(simulator.port(), kMistral, "Hello");
  Value state = simulator.wait_for([](const Value& seen) { return counter(seen, "completed") == 2; });
  const Value::Array& requests = state["requests"].elements();
  CHECK(requests.at(0)["path"].as_string() == "/v1/models");
  CHECK(requests.at(0)["headers"]["X-Test"].as_string() == "yes");
  CHECK(requests.at(1)["model"].as_string() == kMistral);
  CHECK(requests.at(1)["body"]["messages"].elements().size() == 1);
  CHECK(counter(state, "requests") == 2);
  simulator.reset();
  state = simulator.state();
  CHECK(state["requests"].elements().empty());
  CHECK(counter(state, "requests") == 0);
}
