// SPDX-License-Identifier: MIT
// A list of a million models took 6.3 GB: it was copied from step to step, and its JSON was a tree before it
// was text. Here an address space that such a list did not fit into.
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

#ifndef TACHIKOMA_SANITIZED  // sanitizers reserve terabytes

TEST_CASE("a list of models takes memory in proportion to its reply", "[cli][models]") {
  constexpr std::size_t kModels = 200'000;
  std::string body = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < kModels; ++i)
    body += (i ? R"(,{"id":"model-)" : R"({"id":"model-)") + std::to_string(i) + R"(","owned_by":"me"})";
  body += "]}";
  const LoopbackServer server([&](Peer& peer, int) {
    while (!peer.read_request().empty())
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  const Shell shell("providers: {many: {plugin: openai, base_url: '" + server.url() + "'}}\n");
  for (const std::string words : {"models --json", "models --names", "models"}) {
    INFO(words);
    const Finished listed = shell.bash("ulimit -v 900000; tachikoma " + words + " | wc -l");
    CHECK(listed.err == "");
    CHECK(std::stoul(listed.out) == (words == "models --json" ? 1
                                     : words == "models"      ? kModels + 1
                                                              : kModels));
  }
}

#endif
