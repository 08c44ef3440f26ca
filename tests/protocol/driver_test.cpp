// SPDX-License-Identifier: MIT
#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include "common/openai_provider.hpp"
#include "protocol/loopback_server.hpp"
#include "protocol/recording_sink.hpp"
#include "protocol/test_host.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n";

std::string chunk(const std::string& text) {
  std::ostringstream out;
  out << std::hex << text.size() << "\r\n" << text << "\r\n";
  return out.str();
}
std::string delta(const std::string& text) {
  return chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}\n\n");
}
const std::string kEnd =
    chunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n") +
    "0\r\n\r\n";
const std::string kAnswer = kHead + "\r\n" + delta("Hi") + kEnd;

class Client {
 public:
  explicit Client(const std::string& url, Value extra = Value::object()) {
    extra.set("base_url", url);
    provider_ = kit::make_server_provider<kit::OpenAiCompatibleProvider>(extra, host).value();
  }
  Result<ChatOutcome> chat() {
    phases.seen.clear();
    ChatRequest request{.model = "m", .messages = {{Role::user, "Hello"}}};
    return provider_->chat(request, sink, {cancellation, "1", &phases});
  }

  TestHost host;
  TestCancellation cancellation;
  TestPhases phases;
  RecordingSink sink;

 private:
  std::unique_ptr<Provider> provider_;
};

}  // namespace

TEST_CASE("an answer arrives whole, and its connection carries the next request", "[driver]") {
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    while (!peer.read_request().empty()) peer.send(kAnswer);
  });
  Client client(server.url());
  REQUIRE(client.chat());
  CHECK(client.phases.seen == "connecting waiting ");
  REQUIRE(client.chat());
  CHECK(client.phases.seen == "waiting ");
  CHECK(client.sink.text == "HiHi");
  CHECK(connections == 1);
}

TEST_CASE("an answer that drips in byte by byte is the same", "[driver]") {
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    for (char c : kAnswer) peer.send({&c, 1});
  });
  Client client(server.url());
  REQUIRE(client.chat());
  CHECK(client.sink.text == "Hi");
}

TEST_CASE("nobody listening is unreachable, with the address and the cause", "[driver]") {
  const std::uint16_t port = refused_port();
  Client client("http://127.0.0.1:" + std::to_string(port) + "/v1");
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK(outcome.error().retryable);
  CHECK(outcome.error().message ==
        "no server answers at http://127.0.0.1:" + std::to_string(port) + " (connection refused)");
}

TEST_CASE("localhost reaches a server that listens on 127.0.0.1 only", "[driver]") {
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kAnswer);
  });
  Client client("http://localhost:" + std::to_string(server.port()));
  CHECK(client.chat());
}

TEST_CASE("an unknown host is unreachable by name", "[driver]") {
  Client client("http://no-such-host.invalid:1");
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK_THAT(outcome.error().message, ContainsSubstring("'no-such-host.invalid'"));
}

TEST_CASE("a server that closes in mid-answer has lost the model", "[driver]") {
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi"));
  });
  Client client(server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::model_lost);
  CHECK(client.sink.text == "Hi");
}

TEST_CASE("a server that resets the connection before it answers is unreachable", "[driver]") {
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.reset();
  });
  Client client(server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unreachable);
  CHECK(outcome.error().message ==
        "the server at " + server.url() + " closed the connection without an answer");
}

TEST_CASE("another protocol on the port is named", "[driver]") {
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send("220 mail.example ESMTP\r\n");
  });
  Client client(server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::protocol);
}

TEST_CASE("cancelling ends a stalled answer and closes the connection at once", "[driver]") {
  std::promise<bool> closed;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi"));
    closed.set_value(peer.wait_for_close());
  });
  Client client(server.url());
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
  std::promise<void> asked;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    asked.set_value();
    peer.wait_for_close();
  });
  Client client(server.url());
  auto call = std::async(std::launch::async, [&] { return client.chat(); });
  asked.get_future().wait();
  client.cancellation.request();
  CHECK(call.get().error().code == ErrorCode::cancelled);
}

TEST_CASE("a call that is cancelled before it starts sends nothing", "[driver]") {
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer&, int) { ++connections; });
  Client client(server.url());
  client.cancellation.request();
  CHECK(client.chat().error().code == ErrorCode::cancelled);
  CHECK(connections == 0);
}

TEST_CASE("a receiver that stops the answer closes the connection at once", "[driver]") {
  std::promise<bool> closed;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("a") + delta("b"));
    closed.set_value(peer.wait_for_close());
  });
  Client client(server.url());
  client.sink.stop_after = 1;
  CHECK_FALSE(client.chat());
  CHECK(client.sink.text == "a");
  CHECK(closed.get_future().get());
}

TEST_CASE("a kept connection that the server closed is replaced without a word", "[driver]") {
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    peer.read_request();
    peer.send(kAnswer);
  });
  Client client(server.url());
  for (int i = 0; i < 20; ++i) REQUIRE(client.chat());
  CHECK(connections == 20);
}

TEST_CASE("a request that is lost on a kept connection is sent once more", "[driver]") {
  LoopbackServer server([&](Peer& peer, int number) {
    peer.read_request();
    peer.send(kAnswer);
    if (number == 0) peer.read_request();  // swallowed: closed without an answer
  });
  Client client(server.url());
  REQUIRE(client.chat());
  REQUIRE(client.chat());
  CHECK(client.sink.text == "HiHi");
}

TEST_CASE("a connection is not kept beyond what the server announces", "[driver]") {
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer, int) {
    ++connections;
    peer.read_request();
    peer.send(kHead + "Keep-Alive: timeout=1\r\n\r\n" + delta("Hi") + kEnd);
    peer.wait_for_close();
  });
  {
    Client client(server.url());
    REQUIRE(client.chat());
    REQUIRE(client.chat());
  }
  CHECK(connections == 2);
}

TEST_CASE("an answer that ends without the end of its body is delivered, and its connection closed",
          "[driver]") {
  std::promise<bool> closed;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi") + chunk("data: [DONE]\n\n"));
    closed.set_value(peer.wait_for_close());
  });
  Client client(server.url());
  CHECK(client.chat());
  CHECK(closed.get_future().get());
}

TEST_CASE("key, headers and path prefix are sent as configured", "[driver]") {
  std::string request;
  LoopbackServer server([&](Peer& peer, int) {
    request = peer.read_request();
    peer.send(kAnswer);
  });
  Value settings = Value::object({{"api_key", "secret"}, {"headers", Value::object({{"X-Team", "blue"}})}});
  Client client(server.url() + "/lm/v1/", settings);
  REQUIRE(client.chat());
  CHECK_THAT(request, StartsWith("POST /lm/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" +
                                 std::to_string(server.port()) + "\r\nUser-Agent: tachikoma/"));
  CHECK_THAT(request, ContainsSubstring("\r\nAuthorization: Bearer secret\r\n"));
  CHECK_THAT(request, ContainsSubstring("\r\nX-Team: blue\r\n"));
  CHECK_THAT(request, ContainsSubstring("\r\nAccept: text/event-stream\r\n"));
}

TEST_CASE("without a key no authorization is sent", "[driver]") {
  std::string request;
  LoopbackServer server([&](Peer& peer, int) {
    request = peer.read_request();
    peer.send(kAnswer);
  });
  Client client(server.url(), Value::object({{"api_key", ""}}));
  REQUIRE(client.chat());
  CHECK(request.find("Authorization") == std::string::npos);
}

TEST_CASE("a megabyte of prompt arrives whole", "[driver]") {
  std::size_t size = 0;
  LoopbackServer server([&](Peer& peer, int) {
    size = peer.read_request().size();
    peer.send(kAnswer);
  });
  TestHost host;
  const Value settings = Value::object({{"base_url", server.url()}});
  const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, host).value();
  TestCancellation cancellation;
  RecordingSink sink;
  const ChatRequest request{.model = "m", .messages = {{Role::user, std::string(1 << 20, 'x')}}};
  CHECK(provider->chat(request, sink, {cancellation, "1"}));
  CHECK(size > (1 << 20));
}

TEST_CASE("many calls at once leave no descriptor behind", "[driver]") {
  const std::size_t before = open_descriptors();
  {
    LoopbackServer server([&](Peer& peer, int number) {
      peer.read_request();
      if (number % 3 == 0) return peer.reset();
      peer.send(number % 3 == 1 ? kAnswer : kHead + "\r\n" + delta("Hi"));
    });
    TestHost host;
    const Value settings = Value::object({{"base_url", server.url()}});
    const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, host).value();
    std::vector<std::future<void>> calls;
    for (int i = 0; i < 4; ++i)
      calls.push_back(std::async(std::launch::async, [&] {
        for (int n = 0; n < 30; ++n) {
          TestCancellation cancellation;
          RecordingSink sink;
          const auto outcome = provider->chat({.model = "m"}, sink, {cancellation, "1"});
          static_cast<void>(outcome);
        }
      }));
    for (auto& call : calls) call.get();
  }
  CHECK(open_descriptors() == before);
}
