// SPDX-License-Identifier: MIT
#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("an answer arrives whole, and its connection carries the next request", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    while (!peer.read_request().empty()) peer.send(kAnswer);
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  CHECK(client.phases.seen == "connecting waiting ");
  REQUIRE(client.chat());
  CHECK(client.phases.seen == "waiting ");
  CHECK(client.sink.text == "HiHi");
  CHECK(connections == 1);
}

TEST_CASE("an answer that drips in byte by byte is the same", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    for (char c : kAnswer) peer.send({&c, 1});
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  CHECK(client.sink.text == "Hi");
}

TEST_CASE("nobody listening is unreachable, with the address and the cause", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::uint16_t port = refused_port();
  ChatClient client(driver, "http://127.0.0.1:" + std::to_string(port) + "/v1");
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK(outcome.error().retryable);
  CHECK(outcome.error().message ==
        "no server answers at http://127.0.0.1:" + std::to_string(port) + " (connection refused)");
}

TEST_CASE("localhost reaches a server that listens on 127.0.0.1 only", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kAnswer);
  });
  ChatClient client(driver, "http://localhost:" + std::to_string(server.port()));
  CHECK(client.chat());
}

TEST_CASE("an unknown host is unreachable by name", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  ChatClient client(driver, "http://no-such-host.invalid:1");
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK_THAT(outcome.error().message, ContainsSubstring("'no-such-host.invalid'"));
}

TEST_CASE("a server that closes in mid-answer has lost the model", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi"));
  });
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::model_lost);
  CHECK(client.sink.text == "Hi");
}

TEST_CASE("a server that resets the connection before it answers is unreachable", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.reset();
  });
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK(outcome.error().message ==
        "the server at " + server.url() + " closed the connection without an answer");
}

TEST_CASE("another protocol on the port is named", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send("220 mail.example ESMTP\r\n");
  });
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::protocol);
}

TEST_CASE("cancelling ends a stalled answer and closes the connection at once", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::promise<bool> closed;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi"));
    closed.set_value(peer.wait_for_close());
  });
  ChatClient client(driver, server.url());
  std::promise<void> first;
  client.sink.on_delta = [&] { first.set_value(); };
  auto call = std::async(std::launch::async, [&] { return client.chat(); });
  first.get_future().wait();
  client.cancellation.request();
  const auto outcome = call.get();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::cancelled);
  CHECK(closed.get_future().get());
}

TEST_CASE("cancelling ends the wait for a first byte", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::promise<void> asked;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    asked.set_value();
    peer.wait_for_close();
  });
  ChatClient client(driver, server.url());
  auto call = std::async(std::launch::async, [&] { return client.chat(); });
  asked.get_future().wait();
  client.cancellation.request();
  CHECK(call.get().error().code == ErrorCode::cancelled);
}

TEST_CASE("a call that is cancelled before it starts sends nothing", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer&, int) { ++connections; });
  ChatClient client(driver, server.url());
  client.cancellation.request();
  CHECK(client.chat().error().code == ErrorCode::cancelled);
  CHECK(connections == 0);
}

TEST_CASE("a receiver that stops the answer closes the connection at once", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::promise<bool> closed;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("a") + delta("b"));
    closed.set_value(peer.wait_for_close());
  });
  ChatClient client(driver, server.url());
  client.sink.stop_after = 1;
  CHECK_FALSE(client.chat());
  CHECK(client.sink.text == "a");
  CHECK(closed.get_future().get());
}

TEST_CASE("a kept connection that the server closed is replaced", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    peer.read_request();
    peer.send(kAnswer);
  });
  ChatClient client(driver, server.url());
  for (int i = 0; i < 20; ++i) REQUIRE(client.chat());
  CHECK(connections == 20);
}

TEST_CASE("a request that is lost on a kept connection is sent once more", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int number) {
    peer.read_request();
    peer.send(kAnswer);
    if (number == 0) peer.read_request();  // swallowed: closed without an answer
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  CHECK(client.host.lines().empty());
  REQUIRE(client.chat());
  CHECK(client.sink.text == "HiHi");
  CHECK(client.host.lines() == "debug: the server at " + server.url() +
                                   " closed a kept connection before it answered; the request was sent again "
                                   "on a new one (1 so far)\n");
}

TEST_CASE("a request that is lost on a new connection is not sent again", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::atomic<int> requests = 0;
  LoopbackServer server([&](Peer& peer, int number) {
    peer.read_request();
    ++requests;
    if (number == 0) peer.send(kAnswer);
    if (number == 0 && !peer.read_request().empty()) ++requests;
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK(requests == 3);  // the first, the one on its connection, and that one once more
}

TEST_CASE("a request that a kept connection leaves without an answer is not sent again", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::atomic<int> connections = 0;
  std::promise<void> asked;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    peer.read_request();
    peer.send(kAnswer);
    peer.read_request();
    asked.set_value();
    peer.wait_for_close();
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  auto call = std::async(std::launch::async, [&] { return client.chat(); });
  asked.get_future().wait();
  client.cancellation.request();
  CHECK(call.get().error().code == ErrorCode::cancelled);
  CHECK(connections == 1);
}

TEST_CASE("both drivers share the kept connections", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Driver other = driver == Driver::blocking ? Driver::async : Driver::blocking;
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    while (!peer.read_request().empty()) peer.send(kAnswer);
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  client.driver = other;  // one pool for both
  REQUIRE(client.chat());
  client.driver = driver;
  REQUIRE(client.chat());
  CHECK(connections == 1);
}

TEST_CASE("connections that come and go between the drivers answer every request", "[driver]") {
  LoopbackServer server([&](Peer& peer, int number) {
    const int most = number % 2 == 0 ? 3 : 5;  // then it closes, announcing nothing
    for (int i = 0; i < most && !peer.read_request().empty(); ++i) peer.send(kAnswer);
  });
  ChatClient client(Driver::async, server.url());
  std::string all;
  for (int i = 0; i < 40; ++i) {
    client.driver = i % 3 == 2 ? Driver::blocking : Driver::async;
    REQUIRE(client.chat());
    all += "Hi";
  }
  CHECK(client.sink.text == all);
}

TEST_CASE("a connection is not kept beyond what the server announces", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    peer.read_request();
    peer.send(kHead + "Keep-Alive: timeout=1\r\n\r\n" + delta("Hi") + kEnd);
    peer.wait_for_close();
  });
  {
    ChatClient client(driver, server.url());
    REQUIRE(client.chat());
    REQUIRE(client.chat());
  }
  CHECK(connections == 2);
}

TEST_CASE("an answer that ends without the end of its body is delivered, and its connection closed",
          "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::promise<bool> closed;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi") + chunk("data: [DONE]\n\n"));
    closed.set_value(peer.wait_for_close());
  });
  ChatClient client(driver, server.url());
  CHECK(client.chat());
  CHECK(closed.get_future().get());
}

TEST_CASE("key, headers and path prefix are sent as configured", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::string request;
  LoopbackServer server([&](Peer& peer, int) {
    request = peer.read_request();
    peer.send(kAnswer);
  });
  Value settings = Value::object({{"api_key", "secret"}, {"headers", Value::object({{"X-Team", "blue"}})}});
  ChatClient client(driver, server.url() + "/lm/v1/", settings);
  REQUIRE(client.chat());
  CHECK_THAT(request, StartsWith("POST /lm/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" +
                                 std::to_string(server.port()) + "\r\nUser-Agent: tachikoma/"));
  CHECK_THAT(request, ContainsSubstring("\r\nAuthorization: Bearer secret\r\n"));
  CHECK_THAT(request, ContainsSubstring("\r\nX-Team: blue\r\n"));
  CHECK_THAT(request, ContainsSubstring("\r\nAccept: text/event-stream\r\n"));
}

TEST_CASE("a request for a model names it in the header that is configured for that", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::string request;
  LoopbackServer server([&](Peer& peer, int) {
    request = peer.read_request();
    peer.send(kAnswer);
  });
  ChatClient client(driver, server.url(), Value::object({{"model_header", "X-Model"}}));
  REQUIRE(client.chat());
  CHECK_THAT(request, ContainsSubstring("\r\nX-Model: m\r\n"));
}

TEST_CASE("without a key no authorization is sent", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::string request;
  LoopbackServer server([&](Peer& peer, int) {
    request = peer.read_request();
    peer.send(kAnswer);
  });
  ChatClient client(driver, server.url(), Value::object({{"api_key", ""}}));
  REQUIRE(client.chat());
  CHECK(request.find("Authorization") == std::string::npos);
}

TEST_CASE("megabytes of an answer arrive whole", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string text(1 << 20, 'x');
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n");
    for (int i = 0; i < 4; ++i) peer.send(delta(text));
    peer.send(kEnd);
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  CHECK(client.sink.text == text + text + text + text);
}

TEST_CASE("a megabyte of prompt arrives whole", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::size_t size = 0;
  LoopbackServer server([&](Peer& peer, int) {
    size = peer.read_request().size();
    peer.send(kAnswer);
  });
  ChatClient client(driver, server.url());
  CHECK(client.chat(std::string(1 << 20, 'x')));
  CHECK(size > (1 << 20));
}
