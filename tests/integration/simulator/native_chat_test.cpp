// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

HttpReply post(const Simulator& simulator, const std::string& body) {
  return http(simulator.port(), "POST", "/api/v1/chat", body);
}

// The types of a stream's events in order, repeated ones once, and the text of the messages behind them.
std::string story(const HttpReply& reply) {
  std::string types, text, last;
  for (const Value& event : reply.chunks()) {
    const std::string type(event["type"].as_string());
    if (type != last) types += type + "\n";
    last = type;
    if (type == "message.delta") text += event["content"].as_string();
  }
  return types + "\"" + text + "\"\n";
}

}  // namespace

TEST_CASE("The native route answers whole, with output items and statistics") {
  const Simulator simulator;
  const Value body = post(simulator, R"({"model":"openai/gpt-oss-20b","input":"What is 2+2?"})").json();
  CHECK(body["model_instance_id"].as_string() == "openai/gpt-oss-20b");
  const Value::Array& output = body["output"].elements();
  REQUIRE(output.size() == 2);
  CHECK(output[0]["type"].as_string() == "reasoning");
  CHECK_THAT(std::string(output[1]["content"].as_string()), ContainsSubstring("2 + 2 = 4"));
  CHECK(body["stats"]["reasoning_output_tokens"].as_integer() > 0);
  CHECK(body["stats"]["total_output_tokens"].as_integer() >
        body["stats"]["reasoning_output_tokens"].as_integer());
  CHECK_THAT(std::string(body["response_id"].as_string()), StartsWith("resp_"));
  CHECK(post(simulator, R"({"model":"mistral-7b","input":"Hi","store":false})").json().find("response_id") ==
        nullptr);
}

TEST_CASE("The native stream names its events, tells of a load, and ends without [DONE]") {
  const Simulator simulator(
      "models: [{key: m, load_time: 20ms, reasoning: think_tags}]\n"
      "replies: [{text: Yes., reasoning: Hm.}]\n");
  const std::string request = R"({"model":"m","input":[{"type":"text","content":"Hi"}],"stream":true})";
  const HttpReply loading = post(simulator, request), loaded = post(simulator, request);
  check_golden("simulator/native_events.txt", story(loading) + "\n" + story(loaded));
  CHECK_THAT(loading.body, StartsWith("event: chat.start\ndata: {\"type\":\"chat.start\""));
  CHECK(loading.body.find("[DONE]") == std::string::npos);
  CHECK(loading.chunks().back()["result"]["stats"]["model_load_time_seconds"].is_number());
  CHECK(loaded.chunks().back()["result"]["stats"].find("model_load_time_seconds") == nullptr);
}

TEST_CASE("A native conversation is continued by the id of a response") {
  const Simulator simulator;
  const std::string id(post(simulator, R"({"model":"mistral-7b","input":"My name is Ada"})")
                           .json()["response_id"]
                           .as_string());
  const Value next =
      post(simulator, R"({"model":"mistral-7b","input":"Hello","previous_response_id":")" + id + "\"}")
          .json();
  CHECK_THAT(std::string(next["output"].elements().at(0)["content"].as_string()),
             ContainsSubstring("before this you said \"My name is Ada\""));
}

TEST_CASE("The native route is strict") {
  const Simulator simulator;
  std::string all;
  for (const char* body :
       {"{oops", R"({"input":"Hi"})", R"({"model":"mistral-7b","input":"Hi","stop":["a"],"seed":1})",
        R"({"model":"mistral-7b","input":"Hi","temperature":"hot"})", R"({"model":"gpt-9","input":"Hi"})",
        R"({"model":"mistral-7b","input":"Hi","reasoning":"high"})", R"({"model":"huge","input":"Hi"})",
        R"({"model":"mistral-7b","input":[{"type":"image","data_url":"data:image/png;base64,iVBORw=="}]})",
        R"({"model":"mistral-7b","input":"Hi","integrations":["mcp/x"]})",
        R"({"model":"mistral-7b","input":"Hi","previous_response_id":"resp_no"})"}) {
    const HttpReply reply = post(simulator, body);
    all +=
        std::string(body) + "\n" + std::to_string(reply.status) + " " + base::to_json(reply.json()) + "\n\n";
  }
  check_golden("simulator/native_errors.txt", all);
}

TEST_CASE("An error inside a native stream is followed by the end of the chat") {
  const Simulator simulator(
      "faults: [{kind: error, after_tokens: 2, body: {error: {type: unknown, message: Boom}}}]\n");
  const std::string body = post(simulator, R"({"model":"mistral-7b","input":"Hi","stream":true})").body;
  CHECK_THAT(body,
             ContainsSubstring("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"unknown\""));
  CHECK_THAT(body.substr(body.find("event: error")), ContainsSubstring("event: chat.end\n"));
}
