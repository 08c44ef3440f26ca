// SPDX-License-Identifier: MIT
// A program that was stopped (^Z) for longer than a clock threw the answer away when it went on, although it
// had arrived in the meantime.
#include <chrono>
#include <csignal>
#include <future>
#include <string>

#include "integration/cli/shell.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("an answer that arrives while the program is stopped is there when it goes on", "[cli][signal]") {
  constexpr auto kClock = 1500ms;
  std::promise<void> stopped, sent;
  LoopbackServer server([&](Peer& peer, int) {
    for (std::string request; !(request = peer.read_request()).empty();) {
      if (request.starts_with("GET")) {
        const std::string list = "{\"data\":[{\"id\":\"m\"}]}";
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(list.size()) + "\r\n\r\n" + list);
        continue;
      }
      peer.send(kHead + "\r\n" + delta("Hel"));
      stopped.get_future().wait();
      peer.send(delta("lo") + kEnd);
      sent.set_value();
    }
  });
  const Shell shell("providers: {p: {plugin: openai, base_url: '" + server.url() +
                    "', timeouts: {between_tokens: 1500ms}}}\n");
  Process asking(shell.command({"ask", "--stream-json", "-m", "p::m", "hi"}));
  asking.close_input();
  while (asking.read_line().find("\"Hel\"") == std::string::npos) continue;
  asking.signal(SIGSTOP);
  const auto until = std::chrono::steady_clock::now() + 2 * kClock;  // the clock has to run out
  comes_true(1min, [&] { return std::chrono::steady_clock::now() > until; });
  stopped.set_value();
  sent.get_future().wait();
  asking.signal(SIGCONT);
  std::string line, text;
  while ((line = asking.read_line()).find("\"end\"") == std::string::npos) {
    CHECK(line.find("\"error\"") == std::string::npos);
    text += line;
  }
  CHECK_THAT(text, ContainsSubstring("\"lo\""));
  CHECK(asking.wait() == 0);
}
