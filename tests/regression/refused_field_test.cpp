// SPDX-License-Identifier: MIT
// A server that refuses `stream_options`, which we send on our own account, could not be used at all.
#include <string>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "plugins/common/http/recording_server.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string refusal(const std::string& body, int status) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Refused\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// Refuses every request that has the field `refused` with `answer`.
RecordingServer::Answer particular(const std::string& refused, const std::string& answer) {
  return [=](const std::string& request, std::size_t) {
    return request.find("\"" + refused + "\":") != std::string::npos ? answer : kAnswer;
  };
}

}  // namespace

TEST_CASE("a server that refuses stream_options is asked once more without, and never with it again",
          "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string answer = GENERATE(
      refusal(R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})", 400),
      refusal(R"({"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]})",
              422),
      refusal(R"({"message":"'stream_options' is not supported"})", 500));
  RecordingServer server(particular("stream_options", answer));
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  CHECK(client.sink.text == "Hi");
  CHECK_THAT(client.sink.lines, ContainsSubstring("the server refuses 'stream_options'"));
  CHECK(server.requests().size() == 2);
  REQUIRE(client.chat());
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a server that wants max_completion_tokens gets the limit under that name", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  RecordingServer server(particular(
      "max_tokens", refusal(R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not )"
                            R"(supported with this model. Use 'max_completion_tokens' instead."}})",
                            400)));
  ChatClient client(driver, server.url());
  ChatRequest request{.model = "m", .messages = {{Role::user, "Hello"}}};
  request.settings.max_tokens = 77;
  REQUIRE(chat(client.provider(), driver, request, client.sink, {client.cancellation, "1"}));
  CHECK_THAT(server.requests().back(), ContainsSubstring("\"max_completion_tokens\":77"));
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a refusal that says nothing of such a field is final", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  RecordingServer server(
      particular("messages", refusal(R"({"error":{"message":"messages: too many"}})", 400)));
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::invalid_argument);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a server that refuses a field whatever is sent is asked no third time", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  RecordingServer server(particular("model", refusal(R"({"error":{"message":"stream_options: no"}})", 400)));
  ChatClient client(driver, server.url());
  CHECK_FALSE(client.chat());
  CHECK(server.requests().size() == 2);
}
