// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include "common/net/server_url.hpp"
#include "common/provider/server_settings.hpp"
#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("the ways to write a server's address mean the same root", "[settings]") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"http://localhost:1234", "http://localhost:1234"},
      {"http://localhost:1234/", "http://localhost:1234"},
      {"http://localhost:1234/v1", "http://localhost:1234"},
      {"HTTP://LocalHost:1234/v1/", "http://localhost:1234"},
      {"http://h/prefix/v1", "http://h/prefix"},
      {"http://h//prefix//", "http://h/prefix"},
      {"http://h:80", "http://h"},
      {"https://h:443/v1", "https://h"},
      {"https://h:80", "https://h:80"},
      {"http://[::1]:8080/v1", "http://[::1]:8080"},
      {"http://h/av1", "http://h/av1"},
  };
  for (const auto& [text, root] : cases) {
    INFO(text);
    const auto url = kit::parse_server_url(text);
    REQUIRE(url);
    CHECK(url->text() == root);
  }
  CHECK(kit::parse_server_url("http://[::1]:8080")->host == "::1");
}

TEST_CASE("an address that can't be used is refused with its reason", "[settings]") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"localhost:1234", "base_url 'localhost:1234' has no scheme"},
      {"ftp://h", "base_url 'ftp://h' is neither http nor https"},
      {"http://me:pw@h:1/v1",
       "base_url 'http://…@h:1/v1' holds a user name or a password; give the key as "
       "api_key or in headers"},
      {"http://h:0", "base_url 'http://h:0' has no valid host and port"},
      {"http://h:65536", "base_url 'http://h:65536' has no valid host and port"},
      {"http://h:", "base_url 'http://h:' has no valid host and port"},
      {"http://", "base_url 'http://' has no valid host and port"},
      {"http://[::1", "base_url 'http://[::1' has no valid host and port"},
      {"http://[x]:1", "base_url 'http://[x]:1' has no valid host and port"},
      {"http://h/a b", "base_url 'http://h/a b' holds a blank or a control character"},
      {"http://h?x=1", "base_url 'http://h?x=1' has a query or a fragment"},
      {"", "base_url '' has no scheme"},
  };
  for (const auto& [text, message] : cases) {
    const auto url = kit::parse_server_url(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == ErrorCode::config_invalid);
    CHECK(url.error().message == message);
  }
}

TEST_CASE("headers that would break the protocol are refused", "[settings]") {
  const auto read = [](const char* name, Value value, const char* key = "") {
    return kit::ServerSettings::read(
        Value::object({{"api_key", key}, {"headers", Value::object({{name, std::move(value)}})}}));
  };
  CHECK(read("X-Team", "blue")->access.headers.at(0).second == "blue");
  CHECK(read("X-Team", "blue\r\nX: y").error().message ==
        "header 'X-Team' holds a line break or another control character");
  CHECK(read("X\nY", "blue").error().code == ErrorCode::config_invalid);
  CHECK(read("Host", "x").error().message == "header 'Host' can't be set: it is part of the protocol");
  CHECK(read("content-length", "1").error().code == ErrorCode::config_invalid);
  CHECK(read("Transfer-Encoding", "chunked").error().code == ErrorCode::config_invalid);
  CHECK(read("X-Team", 5).error().message == "header 'X-Team' is not text");
  CHECK(read("Authorization", "Basic x"));
  CHECK(read("Authorization", "Basic x", "key").error().message ==
        "header 'Authorization' and 'api_key' are both given");
  CHECK(kit::ServerSettings::read(Value::object({{"api_key", "a\nb"}})).error().code ==
        ErrorCode::config_invalid);
}

TEST_CASE("the header that names the model is one that can be sent, and no other's", "[settings]") {
  const auto read = [](const char* name) {
    return kit::ServerSettings::read(
        Value::object({{"model_header", name}, {"headers", Value::object({{"X-Team", "blue"}})}}));
  };
  CHECK(read("X-Model")->access.model_header == "X-Model");
  CHECK(read("")->access.model_header.empty());
  CHECK(read("x-team").error().message == "header 'X-Team' of 'headers' is also the 'model_header'");
  CHECK(read("Host").error().message == "header 'Host' can't be set: it is part of the protocol");
  CHECK(read("X\nY").error().code == ErrorCode::config_invalid);
}
