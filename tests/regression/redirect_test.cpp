// SPDX-License-Identifier: MIT
// A redirect was "failed with HTTP status 307", without its target; one on the same server is followed now,
// and the key goes nowhere else.
#include <mutex>
#include <string>
#include <vector>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string redirect(int status, const std::string& target) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + target +
         "\r\nContent-Length: 5\r\n\r\nmoved";
}

// Redirects the first `count` requests, then answers; records what was asked.
class Redirecting {
 public:
  Redirecting(int count, int status, std::string target)
      : server_([this, count, status, target = std::move(target)](Peer& peer, int) {
          for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            const std::lock_guard lock(mutex_);
            requests_.push_back(std::move(request));
            const bool moves = static_cast<int>(requests_.size()) <= count;
            peer.send(moves ? redirect(status, target) : kAnswer);
          }
        }) {}
  std::string url() const { return server_.url(); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> requests_;
  LoopbackServer server_;
};

Value with_key() { return Value::object({{"api_key", "s3cret-key"}}); }

}  // namespace

TEST_CASE("a redirect of 307 or 308 on the same server is followed with method, body and key", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const int status = GENERATE(307, 308);
  Redirecting server(2, status, "/v1/chat/completions/?a=1");
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
  Redirecting elsewhere(0, 0, "");
  const auto refused = [&](int status, const std::string& target) {
    Redirecting server(1, status, target);
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
  Redirecting server(1000, 307, "/v1/chat/completions");
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message ==
        "the server at " + server.url() + " redirects a request more than 5 times");
  CHECK(server.requests().size() == 6);
}
