// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Value think(const Simulator& simulator, const std::string& model, const std::string& effort = {}) {
  const std::string more = effort.empty() ? "" : R"(,"reasoning_effort":")" + effort + "\"";
  return chat(simulator.port(), model, "Hi", more).json();
}

std::int64_t reasoning_tokens(const Value& body) {
  return body["usage"]["completion_tokens_details"]["reasoning_tokens"].as_integer();
}

std::string streamed(const HttpReply& reply, const char* field) {
  std::string text;
  for (const Value& chunk : reply.chunks())
    text += chunk["choices"].elements().at(0)["delta"][field].as_string();
  return text;
}

}  // namespace

TEST_CASE("A reply may reason in any dialect, whole and streamed, whatever the model does") {
  const Simulator simulator;
  std::string all;
  for (const char* dialect :
       {"none", "reasoning", "reasoning_content", "think_tags", "think_tags_unopened", "harmony"}) {
    simulator.play(std::string("replies: [{reasoning: {dialect: ") + dialect + ", text: Hm.}, text: Yes.}]");
    const Value message = message_of(think(simulator, "mistral-7b"));
    all += std::string("# ") + dialect + "\n" + base::to_json(message) + "\n";
    const HttpReply reply = chat(simulator.port(), "mistral-7b", "Hi", R"(,"stream":true)");
    for (const char* field : {"content", "reasoning", "reasoning_content"})
      CHECK(streamed(reply, field) == message[field].as_string());
  }
  check_golden("simulator/reasoning_dialects.txt", all);
}

TEST_CASE("reasoning_effort makes a model think more, or not at all") {
  const Simulator simulator;
  const std::string oss = "openai/gpt-oss-20b";
  const std::int64_t low = reasoning_tokens(think(simulator, oss, "low"));
  const std::int64_t medium = reasoning_tokens(think(simulator, oss, "medium"));
  CHECK(low > 0);
  CHECK(reasoning_tokens(think(simulator, oss)) == low);
  CHECK(medium > low);
  CHECK(reasoning_tokens(think(simulator, oss, "high")) > medium);
  const Value silent = think(simulator, oss, "none");
  CHECK(reasoning_tokens(silent) == 0);
  CHECK(message_of(silent).find("reasoning") == nullptr);
}

TEST_CASE("A reasoning_effort that the model does not have is skipped, and noted") {
  const Simulator simulator;
  std::string all;
  for (const auto& [model, effort] :
       {std::pair("qwen3-8b", "high"), std::pair("mistral-7b", "low"), std::pair("openai/gpt-oss-20b", "on")})
    CHECK(think(simulator, model, effort)["choices"].is_array());
  const Value state = simulator.state();
  for (const Value& request : state["requests"].elements())
    for (const Value& note : request["notes"].elements()) all += std::string(note.as_string()) + "\n";
  check_golden("simulator/reasoning_notes.txt", all);
}

TEST_CASE("A script names the reasoning settings that a model offers") {
  const Simulator simulator(
      "models: [{key: m, loaded: true, reasoning: {dialect: think_tags, options: ['off', low, high], "
      "default: high}}]\n");
  const Value listed = http(simulator.port(), "GET", "/api/v1/models").json();
  CHECK(base::to_json(listed["models"].elements().at(0)["capabilities"]["reasoning"]) ==
        R"({"allowed_options":["off","low","high"],"default":"high"})");
}

TEST_CASE("A model with vision tells what it sees, one without refuses the image") {
  const Simulator simulator;
  const auto look = [&](const char* model, const char* url) {
    return http(simulator.port(), "POST", "/v1/chat/completions",
                std::string(R"({"model":")") + model +
                    R"(","messages":[{"role":"user","content":[{"type":"text","text":"Hello"},
                    {"type":"image_url","image_url":{"url":")" +
                    url + R"("}}]}]})");
  };
  const HttpReply seen = look("gemma-3-12b", "data:image/png;base64,iVBORw==");
  CHECK_THAT(std::string(message_of(seen.json())["content"].as_string()),
             ContainsSubstring("I see an image: image/png, 4 bytes. Hello!"));
  const HttpReply blind = look("mistral-7b", "data:image/png;base64,iVBORw==");
  CHECK(blind.status == 400);
  CHECK_THAT(blind.body, ContainsSubstring("Model does not support images"));
  for (const char* url :
       {"https://example.com/cat.png", "data:image/png;base64,!", "data:text/plain;base64,YQ=="}) {
    const HttpReply refused = look("gemma-3-12b", url);
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, ContainsSubstring("must be a base64 encoded image"));
  }
}

TEST_CASE("A draft model has its statistics; a TTL and a logit bias are accepted and seen") {
  const Simulator simulator;
  const Value body = chat(simulator.port(), "mistral-7b", "Hi",
                          R"(,"draft_model":"phi-3-mini","ttl":60,"logit_bias":{"15043":-100})")
                         .json();
  const Value& stats = body["stats"];
  CHECK(stats["draft_model"].as_string() == "phi-3-mini");
  CHECK(stats["accepted_draft_tokens_count"].as_integer() +
            stats["rejected_draft_tokens_count"].as_integer() ==
        body["usage"]["completion_tokens"].as_integer());
  const Value state = simulator.state();
  const Value& seen = state["requests"].elements().at(0)["body"];
  CHECK(seen["ttl"].as_integer() == 60);
  CHECK(seen["logit_bias"]["15043"].as_integer() == -100);
  CHECK(chat(simulator.port(), "mistral-7b", "Hi", R"(,"draft_model":"none-such")").status == 400);
  CHECK(chat(simulator.port(), "mistral-7b", "Hi", R"(,"logit_bias":[1])").status == 400);
}
