// SPDX-License-Identifier: MIT
// A server that gave its finish reason and then kept the connection open without a `[DONE]` was waited for
// until a clock ran out, and its whole answer was thrown away.
#include <atomic>
#include <vector>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string finished(const std::string& reason, const std::string& more = "") {
  return chunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]" + more +
               "}\n\n");
}

struct Answered {
  Result<ChatOutcome> outcome;
  std::string text;
};

/// The client's view of a server that sends these pieces, and then nothing.
Answered ask_silent_server(Driver driver, const std::vector<std::string>& pieces) {
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n");
    for (const std::string& piece : pieces) peer.send(piece);
    peer.wait_for_close();
  });
  ChatClient client(driver, server.url());
  Result<ChatOutcome> outcome = client.chat();
  return {std::move(outcome), client.sink.text};
}

}  // namespace

TEST_CASE("an answer with its finish reason is whole, whatever the server does not send after it",
          "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Answered plain = ask_silent_server(driver, {delta("Hi"), finished("stop")});
  REQUIRE(plain.outcome);
  CHECK(plain.text == "Hi");
  CHECK(plain.outcome->finish == Finish::stop);

  const Answered cut = ask_silent_server(driver, {delta("Hi"), finished("length")});
  REQUIRE(cut.outcome);
  CHECK(cut.outcome->finish == Finish::length);
}

TEST_CASE("the usage is awaited after the finish reason, and comments are not", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string usage =
      chunk("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n");
  const Answered late = ask_silent_server(
      driver, {delta("Hi"), finished("stop"), chunk(": still here\n\n"), usage, chunk(":\n\n")});
  REQUIRE(late.outcome);
  CHECK(late.outcome->usage.completion_tokens == 4);
}

TEST_CASE("a server that repeats comments after the end of its answer does not hold it up", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string end = GENERATE(finished("stop"), chunk("data: [DONE]\n\n"));
  std::atomic<bool> over = false;
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "\r\n" + delta("Hi") + end);
    while (!over) peer.send(chunk(": still here\n\n"));
  });
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  over = true;
  REQUIRE(outcome);
  CHECK(client.sink.text == "Hi");
}
