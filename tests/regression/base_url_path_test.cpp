// SPDX-License-Identifier: MIT
// `/v1` was put behind every path of a base URL: an API under `/v3` or `/api/paas/v4` could not be reached.
#include <string>
#include <utility>
#include <vector>

#include "common/net/server_url.hpp"
#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a base URL without a path means /v1, and a path is the application's", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const auto [given, asked] = GENERATE(table<std::string, std::string>({{"", "/v1"},
                                                                        {"/", "/v1"},
                                                                        {"/v1", "/v1"},
                                                                        {"/v1/", "/v1"},
                                                                        {"/proxy/v1", "/proxy/v1"},
                                                                        {"/v3", "/v3"},
                                                                        {"/v1beta/openai/", "/v1beta/openai"},
                                                                        {"/api/paas/v4", "/api/paas/v4"},
                                                                        {"/models", "/models"},
                                                                        {"/x//y/", "/x/y"}}));
  std::string request;
  LoopbackServer server([&](Peer& peer, int) {
    request = peer.read_request();
    peer.send(kAnswer);
  });
  ChatClient client(driver, server.url() + given);
  REQUIRE(client.chat());
  CHECK(request.starts_with("POST " + asked + "/chat/completions HTTP/1.1\r\n"));
}

TEST_CASE("an address that names a route is refused", "[settings]") {
  for (const char* url : {"http://h/v1/chat/completions", "http://h/v1/chat/completions/",
                          "http://h/v1/embeddings", "https://h/api/v4/responses"}) {
    const auto read = kit::parse_server_url(url);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().message, ContainsSubstring("which is added to it"));
  }
}

TEST_CASE("the paths of LM Studio and llama.cpp's server are known: others are what a proxy puts in front",
          "[settings]") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"http://h", ""},         {"http://h/v1", ""},    {"http://h/api/v1", ""},
      {"http://h/api/v0/", ""}, {"http://h/lm", "/lm"}, {"http://h/lm/v1", "/lm"}};
  for (const auto& [url, prefix] : cases) {
    INFO(url);
    const kit::ServerUrl read = kit::parse_server_url(url, kit::UrlPath::mount).value();
    CHECK(read.prefix == prefix);
    CHECK(read.api == "/v1");
  }
}
