// SPDX-License-Identifier: MIT
// The reasoning that led to calls was lost with their results: DeepSeek, Kimi, MiniMax and gpt-oss then
// reason anew, or refuse the request.
#include <string>
#include <vector>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "plugins/common/http/recording_server.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// Reasons in the member `field`; with `refuses`, no request may have it.
RecordingServer::Answer reasoning(const std::string& field, bool refuses) {
  return [=](const std::string& request, std::size_t) {
    if (!refuses || request.find("\"" + field + "\":") == std::string::npos)
      return kHead + "\r\n" + chunk("data: {\"choices\":[{\"delta\":{\"" + field + "\":\"Hm.\"}}]}\n\n") +
             kEnd;
    const std::string body = R"({"error":{"message":"Extra inputs are not permitted: )" + field + "\"}}";
    return "HTTP/1.1 422 No\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
}

Message calling(const std::string& id) {
  Message message{Role::assistant, ""};
  message.tool_calls.push_back({id, "add", "{}"});
  message.reasoning = "I need " + id + ".";
  return message;
}

const ChatRequest kTurn{.model = "m",
                        .messages = {{Role::user, "a"},
                                     calling("old"),
                                     {.role = Role::tool, .text = "1", .tool_call_id = "old"},
                                     {Role::assistant, "b"},
                                     {Role::user, "c"},
                                     calling("new"),
                                     {.role = Role::tool, .text = "2", .tool_call_id = "new"}}};

}  // namespace

TEST_CASE("the reasoning of this turn's calls goes back in the member that it came in", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string field = GENERATE("reasoning_content", "reasoning");
  RecordingServer server(reasoning(field, false));
  ChatClient client(driver, server.url());
  REQUIRE(chat(client.provider(), driver, kTurn, client.sink, {client.cancellation, "1"}));
  REQUIRE(chat(client.provider(), driver, kTurn, client.sink, {client.cancellation, "2"}));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK_THAT(requests[0],
             !ContainsSubstring("I need"));  // it is not known yet that the server has such a member
  CHECK_THAT(requests[1], ContainsSubstring("\"" + field + "\":\"I need new.\""));
  CHECK_THAT(requests[1], !ContainsSubstring("I need old."));
}

TEST_CASE("a server that refuses reasoning is asked again without", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  RecordingServer server(reasoning("reasoning_content", true));
  ChatClient client(driver, server.url());
  for (int call = 0; call < 3; ++call)
    REQUIRE(chat(client.provider(), driver, kTurn, client.sink, {client.cancellation, "1"}));
  CHECK(server.requests().size() == 4);
  CHECK_THAT(client.sink.lines, ContainsSubstring("the server refuses the reasoning that led to calls"));
}
