// SPDX-License-Identifier: MIT
// A redirect was "failed with HTTP status 307", without its target; one on the same server is followed now,
// and the key goes nowhere else.
#include <string>
#include <vector>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "plugins/common/http/recording_server.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string redirect(int status, const std::string& target) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + target +
         "\r\nContent-Length: 5\r\n\r\nmoved";
}

// Redirects the first `count` requests, then answers.
RecordingServer::Answer redirecting(std::size_t count, int status, const std::string& target) {
  return [=](const std::string&, std::size_t number) {
    return number < count ? redirect(status, target) : kAnswer;
  };
}

Value with_key() { return Value::object({{"api_key", "s3cret-key"}}); }

}  // namespace

TEST_CASE("a redirect of 307 or 308 on the same server is followed with method, body and key", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const int status = GENERATE(307, 308);
  RecordingServer server(redirecting(2, status, "/v1/chat/completions/?a=1"));
  ChatClient client(driver, server.url(), with_key());
  REQUIRE(client.chat());
  CHECK(client.sink.text == "Hi");
  const std::vector<std::string> requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].starts_with("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK(requests[1].starts_with("POST /v1/chat/completions/?a=1 HTTP/1.1\r\n"));
  CHECK(requests[1].substr(requests[1].find("\r\n")) == requests[0].substr(requests[0].find("\r\n")));
}

TEST_CASE("a redirect to anywhere else is named with its target, and is not followed", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  RecordingServer elsewhere(redirecting(0, 0, ""));
  const auto refused = [&](int status, const std::string& target) {
    RecordingServer server(redirecting(1, status, target));
    ChatClient client(driver, server.url(), with_key());
    const auto outcome = client.chat();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::protocol);
    CHECK_FALSE(outcome.error().retryable);
    CHECK(server.requests().size() == 1);
    CHECK_THAT(outcome.error().message, ContainsSubstring("HTTP status " + std::to_string(status)));
    return outcome.error().message;
  };
  for (const int status : {301, 302, 303, 307, 308})
    CHECK_THAT(refused(status, elsewhere.url() + "/v1/chat/completions?key=s3cret"),
               ContainsSubstring("redirects to " + elsewhere.url() + "/v1/chat/completions (") &&
                   !ContainsSubstring("s3cret"));
  CHECK_THAT(refused(302, "/login"), ContainsSubstring("/login"));
  CHECK_THAT(refused(308, "https://127.0.0.1/v1"), ContainsSubstring("redirects to https://127.0.0.1/v1"));
  CHECK_THAT(refused(307, "//example.com:99999999/x"), ContainsSubstring("redirects to "));
  CHECK_THAT(refused(307, "http://me:s3cret@example.com/"), !ContainsSubstring("s3cret"));
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("a server that redirects for ever is given up", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  RecordingServer server(redirecting(1000, 307, "/v1/chat/completions"));
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message ==
        "the server at " + server.url() + " redirects a request more than 5 times");
  CHECK(server.requests().size() == 6);
}
