// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <utility>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr const char* kReasoner = "openai/gpt-oss-20b";

Reply generate(Studio& studio, GenerationSettings settings, std::string prompt = "Write a Swift function") {
  return studio.runtime
      .generate_text(
          {.model = kReasoner, .messages = {user(std::move(prompt))}, .settings = std::move(settings)})
      .value();
}

}  // namespace

TEST_CASE("a request may have a system prompt and every setting at once", "[advanced-generation]") {
  Studio studio;
  const Reply reply = studio.provider()
                          .generate_text({.model = kReasoner,
                                          .messages = {system_prompt("You are a helpful coding assistant."),
                                                       user("Write a Swift function to sort an array.")},
                                          .settings = {.max_tokens = 2048,
                                                       .temperature = 0.7,
                                                       .top_p = 0.95,
                                                       .stop_sequences = {"```", "// End"},
                                                       .reasoning_effort = ReasoningEffort::medium}})
                          .value();
  CHECK_FALSE(reply.text.empty());
  CHECK(reply.finish == Finish::stop);
  const Value messages = studio.last_chat()["body"]["messages"];
  REQUIRE(messages.elements().size() == 2);
  CHECK(messages.elements()[0]["role"].as_string() == "system");
  CHECK(messages.elements()[1]["role"].as_string() == "user");
}

TEST_CASE("an answer ends at max_tokens, and says so", "[advanced-generation/max-tokens]") {
  Studio studio;
  const Reply reply = studio.runtime
                          .generate_text({.model = "mistral-7b",
                                          .messages = {user("Explain quantum computing")},
                                          .settings = {.max_tokens = 4}})
                          .value();
  CHECK(reply.finish == Finish::length);
  CHECK(reply.usage.completion_tokens.value() <= 4);
}

TEST_CASE("the temperature reaches the server", "[advanced-generation/temperature]") {
  Studio studio;
  generate(studio, {.temperature = 0.7});
  CHECK(studio.last_chat()["body"]["temperature"].as_real() == 0.7);
}

TEST_CASE("top_p reaches the server", "[advanced-generation/top-p]") {
  Studio studio;
  generate(studio, {.top_p = 0.95});
  CHECK(studio.last_chat()["body"]["top_p"].as_real() == 0.95);
}

TEST_CASE("an answer ends before a stop sequence", "[advanced-generation/stop-sequences]") {
  const char* script = "replies:\n  - chunks: [\"let a = \", \"[1, 2]\\n\", \"``\", \"` and more\"]\n";
  Studio studio(script);
  CHECK(generate(studio, {.stop_sequences = {"```", "// End"}}).text == "let a = [1, 2]\n");
}

TEST_CASE("the reasoning effort reaches a model that has one", "[advanced-generation/reasoning-effort]") {
  Studio studio;
  generate(studio, {.reasoning_effort = ReasoningEffort::medium});
  CHECK(studio.last_chat()["body"]["reasoning_effort"].as_string() == "medium");
}

TEST_CASE("reasoning is kept apart from the answer", "[advanced-generation/channels]") {
  Studio studio;
  const Reply reply = generate(studio, {});
  CHECK(reply.channels.contains(Channel::thinking));
  CHECK_FALSE(reply.text.empty());
  CHECK(reply.channels[Channel::final] == reply.text);
  CHECK(reply.text.find(reply.channels[Channel::thinking]) == std::string::npos);
}

TEST_CASE("the functions that a model may call reach the server", "[function-calling/tools-are-sent]") {
  Studio studio;
  const Value place = Value::object({{"type", "string"}});
  const Value parameters = Value::object({{"type", "object"},
                                          {"properties", Value::object({{"location", place}})},
                                          {"required", Value::array({"location"})}});
  REQUIRE(
      studio.runtime.generate_text({.model = kReasoner,
                                    .messages = {user("What's the weather in Tokyo?")},
                                    .tools = {{"get_current_weather", "Weather at a place", parameters}}}));
  const Value tools = studio.last_chat()["body"]["tools"];
  REQUIRE(tools.elements().size() == 1);
  const Value& function = tools.elements()[0]["function"];
  CHECK(tools.elements()[0]["type"].as_string() == "function");
  CHECK(function["name"].as_string() == "get_current_weather");
  CHECK(function["parameters"] == parameters);
}

TEST_CASE("a code assistant asks a code model with a low temperature and stops at its fence",
          "[code-assistant/generate-code]") {
  Studio studio;
  const Reply reply =
      studio.runtime
          .generate_text(
              {.model = "codellama-34b",
               .messages = {system_prompt("You are an expert swift developer."), user("Reverse a list")},
               .settings = {.temperature = 0.3, .stop_sequences = {"```", "// End of code"}}})
          .value();
  CHECK(reply.model == "codellama-34b");
  CHECK_FALSE(reply.text.empty());
  const Value body = studio.last_chat()["body"];
  CHECK(body["temperature"].as_real() == 0.3);
  CHECK(body["stop"] == Value::array({"```", "// End of code"}));
}

TEST_CASE("code is explained by the model that is loaded", "[code-assistant/explain-code]") {
  Studio studio;
  const Reply reply =
      studio.runtime
          .generate_text({.model = "current",
                          .messages = {system_prompt("Explain the following code."), user("let a = [1, 2]")}})
          .value();
  CHECK_FALSE(reply.text.empty());
  const Value loaded = studio.simulator.state()["loaded"];
  CHECK(std::ranges::find(loaded.elements(), Value(reply.model)) != loaded.elements().end());
}

TEST_CASE("a document is analysed with much reasoning where the model has it, else without",
          "[document-analysis]") {
  Studio studio;
  for (const char* model : {kReasoner, "mixtral-8x7b"}) {
    INFO(model);
    const Reply reply =
        studio.runtime
            .generate_text(
                {.model = model,
                 .messages = {system_prompt("Analyze the document."), user("Sales rose in spring.")},
                 .settings = {.max_tokens = 2000, .reasoning_effort = ReasoningEffort::high}})
            .value();
    CHECK(reply.channels[Channel::final] == reply.text);
    CHECK(reply.channels.contains(Channel::thinking) == (model == std::string(kReasoner)));
  }
}
