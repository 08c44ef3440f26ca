// SPDX-License-Identifier: MIT
// Settings have the effect on a real engine that they promise.
#include <string>

#include "real/real_provider.hpp"
#include "support/catch.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

ChatRequest hello(GenerationSettings settings) {
  return {.model = "alpha", .messages = {{Role::user, "Hello"}}, .settings = std::move(settings)};
}

}  // namespace

TEST_CASE("a seed repeats an answer, a logit bias wants a token or bans it", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha", {"--endless"}});
  RealProvider provider(server);
  const auto say = [&](GenerationSettings settings) {
    REQUIRE(provider.chat(hello(std::move(settings))));
    return provider.sink.text;
  };
  // what is computed in one piece and what in another may differ in the last bit: no prompt is kept
  const auto seeded = [&](std::int64_t seed) {
    return say({.max_tokens = 40, .seed = seed, .extra = Value::object({{"cache_prompt", false}})});
  };
  const std::string first = seeded(7);
  CHECK(first == seeded(7));
  CHECK(first != seeded(8));
  // the model's tokens are its bytes
  CHECK(say({.max_tokens = 5, .logit_bias = {{'a', 100}, {'b', 90}}}) == "aaaaa");
  CHECK(say({.max_tokens = 5, .logit_bias = {{'a', -100}, {'b', 90}}}) == "bbbbb");
}

TEST_CASE("an answer by a schema is JSON that fits it", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"});
  RealProvider provider(server);
  const Value schema =
      parse_json(R"({"type":"object","properties":{"n":{"type":"integer"},"kind":{"enum":["a","b"]}},)"
                 R"("required":["n","kind"],"additionalProperties":false})")
          .value();
  for (std::int64_t seed = 1; seed <= 5; ++seed) {
    ChatRequest request = hello({.max_tokens = 1000, .seed = seed});
    request.response_schema = schema;
    const ChatOutcome outcome = provider.chat(request).value();
    INFO(provider.sink.text);
    CHECK(outcome.finish == Finish::stop);
    const Value answer = parse_json(provider.sink.text).value();
    CHECK(answer.members().size() == 2);
    CHECK(answer["n"].is_number());
    CHECK((answer["kind"].as_string() == "a" || answer["kind"].as_string() == "b"));
  }
}

TEST_CASE("a tool choice is kept: any call, this call, or none", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha", {"--calls-tools"}});
  RealProvider provider(server);
  const Value level =
      parse_json(R"({"type":"object","properties":{"level":{"enum":[1,2]}},"required":["level"]})").value();
  ChatRequest request = hello({.max_tokens = 200, .seed = 3});
  request.tools = {{"get_level", "Says the level", level}, {"set_level", "Sets the level", level}};
  const auto calls_with = [&](ToolChoice choice) {
    request.tool_choice = std::move(choice);
    REQUIRE(provider.chat(request));
    return provider.sink.lines;
  };
  CHECK_THAT(calls_with({ToolChoice::Mode::required}), ContainsSubstring("name="));
  for (const std::string name : {"get_level", "set_level"}) {
    const std::string calls = calls_with({ToolChoice::Mode::named, name});
    CHECK_THAT(calls, ContainsSubstring("name=" + name));
    CHECK(calls.find(name == "get_level" ? "name=set_level" : "name=get_level") == std::string::npos);
  }
  CHECK(calls_with({ToolChoice::Mode::none}).find("name=") == std::string::npos);
}
