// SPDX-License-Identifier: MIT
// What servers and proxies put around a good answer made it a failure: `Content-Encoding: utf-8`, a byte
// order mark before JSON, an empty `error` beside the content. And what is no answer passed for one: an
// infinite number.
#include <limits>
#include <string>

#include "common/chat/embeddings.hpp"
#include "common/errors/server_error.hpp"
#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string reply(const std::string& body,
                  const std::string& headers = "Content-Type: application/json\r\n") {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

const std::string kWhole = R"("choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})";

// What a chat with a server that sends `bytes`, in pieces of `size`, says.
std::string said(Driver driver, const std::string& bytes, std::size_t size, std::string* request = nullptr) {
  LoopbackServer server([&](Peer& peer, int) {
    const std::string asked = peer.read_request();
    if (request) *request = asked;
    for (std::size_t at = 0; at < bytes.size(); at += size)
      peer.send(std::string_view(bytes).substr(at, size));
  });
  ChatClient client(driver, server.url());
  const auto outcome = client.chat();
  return outcome ? client.sink.text : describe(outcome);
}

}  // namespace

TEST_CASE("a body is not encoded when the server says so in its own words", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string encoding = GENERATE("identity", "none", "utf-8", "UTF8", "");
  std::string request;
  CHECK(said(driver, reply("{" + kWhole, "Content-Encoding: " + encoding + "\r\n"), 1000, &request) == "Hi");
  CHECK_THAT(request, ContainsSubstring("\r\nAccept-Encoding: identity\r\n"));
  CHECK_THAT(said(driver, reply("{" + kWhole, "Content-Encoding: br\r\n"), 1000),
             ContainsSubstring("encoded as 'br', which was not asked for"));
}

TEST_CASE("a byte order mark before an answer means nothing, in whichever pieces it comes", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::size_t size = GENERATE(1, 2, 1000);
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(said(driver, reply(mark + "{" + kWhole), size) == "Hi");
  CHECK(said(driver, reply(mark + "\n {" + kWhole), size) == "Hi");
  const std::string event = R"(data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]})";
  CHECK(said(driver, reply(mark + event + "\n\n", "Content-Type: text/event-stream\r\n"), size) == "Hi");
}

TEST_CASE("an error that says nothing, beside an answer, is none", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string error = GENERATE("null", "false", R"("")", "{}", "{ }");
  const std::string fields = R"({"error":)" + error + ",";
  CHECK(said(driver, reply(fields + kWhole), 1000) == "Hi");
  const std::string event =
      "data: " + fields + R"("choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]})";
  CHECK(said(driver, reply(event + "\n\n", "Content-Type: text/event-stream\r\n"), 1000) == "Hi");
  CHECK_FALSE(kit::find_fault(Value::object({{"error", false}, {"data", Value::array()}})));
  CHECK(kit::find_fault(Value::object({{"error", true}, {"message", "no"}})));
}

TEST_CASE("a number that no float can hold makes an embedding useless", "[embeddings]") {
  const auto read = [](const std::string& number) {
    std::string body = R"({"data":[{"index":0,"embedding":[)" + number + "]}]}";
    body.reserve(body.size() + 64);
    return kit::read_embeddings(body, 1, "s");
  };
  CHECK(read("3.4e38")->vectors[0][0] > 3e38F);
  CHECK(read("-3.4e38")->vectors[0][0] < -3e38F);
  for (const char* number : {"1e39", "-1e39", "3.5e38"}) {
    const auto refused = read(number);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::protocol);
    CHECK_THAT(refused.error().message, ContainsSubstring("within the range of a float"));
  }
}
