// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kOss = "openai/gpt-oss-20b";

std::string answer(int port, const std::string& model, const std::string& text) {
  return std::string(message_of(chat(port, model, text).json())["content"].as_string());
}

}  // namespace

TEST_CASE("The simulator's answers fit what was asked and say who writes") {
  const Simulator simulator;
  std::string all;
  for (const char* prompt :
       {"Hello", "What's 2+2?", "What is the capital of France?", "Explain quantum computing",
        "Tell me about black holes.", "Write a poem", "My cat is called Ada.", "What is 12 divided by 8?",
        "Who was born on 2001-02-03?", ""}) {
    all += std::string("> ") + prompt + "\n";
    for (const char* model : {"openai/gpt-oss-20b", "mistral-7b"})
      all += answer(simulator.port(), model, prompt) + "\n";
  }
  check_golden("simulator/answers.txt", all);
}

TEST_CASE("The simulator gives the same answer to the same request") {
  const Simulator simulator;
  const std::string first = answer(simulator.port(), kOss, "Tell me about rivers");
  CHECK(answer(simulator.port(), kOss, "Tell me about rivers") == first);
  CHECK(answer(Simulator().port(), kOss, "Tell me about rivers") == first);
}

TEST_CASE("The simulator remembers the turns of a conversation") {
  const Simulator simulator;
  const HttpReply reply = http(simulator.port(), "POST", "/v1/chat/completions",
                               R"({"model":"mistral-7b","messages":[{"role":"system","content":"Be short"},
                                   {"role":"user","content":"My name is Ada"},{"role":"assistant","content":"Hi"},
                                   {"role":"user","content":"What is 6*7?"}]})");
  const std::string text(message_of(reply.json())["content"].as_string());
  CHECK_THAT(text, ContainsSubstring("1 earlier turn; before this you said \"My name is Ada\""));
  CHECK_THAT(text, ContainsSubstring("6 * 7 = 42"));
}

TEST_CASE("A whole chat completion has LM Studio's fields") {
  const Simulator simulator;
  const Value body = chat(simulator.port(), kOss, "Hi").json();
  CHECK(body["object"].as_string() == "chat.completion");
  CHECK(body["model"].as_string() == kOss);
  CHECK(body["system_fingerprint"].as_string() == kOss);
  CHECK(body["stats"] == Value::object());
  CHECK(body["choices"].elements().at(0)["finish_reason"].as_string() == "stop");
  CHECK(message_of(body)["tool_calls"] == Value::array());
  CHECK_FALSE(message_of(body)["reasoning"].as_string().empty());
  const Value& usage = body["usage"];
  CHECK(usage["total_tokens"].as_integer() ==
        usage["prompt_tokens"].as_integer() + usage["completion_tokens"].as_integer());
  CHECK(usage["completion_tokens_details"]["reasoning_tokens"].as_integer() > 0);
}

TEST_CASE("A streamed chat says what the whole one says, a token a chunk") {
  const Simulator simulator;
  const Value whole = chat(simulator.port(), kOss, "Hi").json();
  const HttpReply reply =
      chat(simulator.port(), kOss, "Hi", R"(,"stream":true,"stream_options":{"include_usage":true})");
  CHECK(reply.headers.at("Content-Type") == "text/event-stream");
  CHECK_THAT(reply.body, Catch::Matchers::EndsWith("data: [DONE]\n\n"));
  std::string content, reasoning;
  std::int64_t tokens = 0;
  const std::vector<Value> chunks = reply.chunks();
  for (std::size_t i = 0; i + 2 < chunks.size(); ++i, ++tokens) {
    const Value& delta = chunks[i]["choices"].elements().at(0)["delta"];
    CHECK(delta["role"].as_string() == "assistant");
    content += delta["content"].as_string();
    reasoning += delta["reasoning"].as_string();
    CHECK(chunks[i].find("usage") == nullptr);
  }
  CHECK(content == message_of(whole)["content"].as_string());
  CHECK(reasoning == message_of(whole)["reasoning"].as_string());
  CHECK(chunks.at(chunks.size() - 2)["choices"].elements().at(0)["finish_reason"].as_string() == "stop");
  CHECK(chunks.back()["choices"] == Value::array());
  CHECK(chunks.back()["usage"] == whole["usage"]);
  CHECK(whole["usage"]["completion_tokens"].as_integer() == tokens);
}

TEST_CASE("A stream has no usage unless the client asks for it") {
  const Simulator simulator;
  CHECK(chat(simulator.port(), "mistral-7b", "Hi", R"(,"stream":true)").body.find("usage") ==
        std::string::npos);
}

TEST_CASE("max_tokens counts reasoning too, and ends with length") {
  const Simulator simulator;
  const Value body = chat(simulator.port(), kOss, "Hi", R"(,"max_tokens":3)").json();
  CHECK(body["choices"].elements().at(0)["finish_reason"].as_string() == "length");
  CHECK(body["usage"]["completion_tokens"].as_integer() == 3);
  CHECK(message_of(body)["content"].as_string().empty());
  const Value unlimited = chat(simulator.port(), kOss, "Hi", R"(,"max_tokens":-1)").json();
  CHECK(unlimited["choices"].elements().at(0)["finish_reason"].as_string() == "stop");
}

TEST_CASE("A stop string is found across tokens and cut away") {
  const Simulator simulator(R"(
replies: [{chunks: ["one t", "wo thr", "ee four"]}]
)");
  const Value body = chat(simulator.port(), "mistral-7b", "Hi", R"(,"stop":["never","two three"])").json();
  CHECK(message_of(body)["content"].as_string() == "one ");
  CHECK(body["choices"].elements().at(0)["finish_reason"].as_string() == "stop");
  CHECK(body["usage"]["completion_tokens"].as_integer() == 1);
}

TEST_CASE("Each reasoning dialect travels its own way") {
  const Simulator simulator(R"(
models:
  - {key: a, loaded: true, reasoning: reasoning}
  - {key: b, loaded: true, reasoning: reasoning_content}
  - {key: c, loaded: true, reasoning: think_tags}
  - {key: d, loaded: true}
replies: [{text: Yes., reasoning: Hm.}]
)");
  std::string all;
  for (const char* model : {"a", "b", "c", "d"})
    all += base::to_json(message_of(chat(simulator.port(), model, "x").json())) + "\n";
  check_golden("simulator/reasoning.txt", all);
}

TEST_CASE("The completion route writes on from a prompt, whole and streamed") {
  const Simulator simulator;
  const std::string body = R"({"model":"mistral-7b","prompt":"What is 3+4?","max_tokens":30)";
  const Value whole = http(simulator.port(), "POST", "/v1/completions", body + "}").json();
  CHECK(whole["object"].as_string() == "text_completion");
  const std::string text(whole["choices"].elements().at(0)["text"].as_string());
  CHECK_THAT(text, ContainsSubstring("3 + 4 = 7"));
  std::string streamed;
  for (const Value& chunk :
       http(simulator.port(), "POST", "/v1/completions", body + R"(,"stream":true})").chunks())
    streamed += chunk["choices"].elements().at(0)["text"].as_string();
  CHECK(streamed == text);
}
