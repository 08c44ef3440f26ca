// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "document/studio.hpp"
#include "support/catch.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Tools {
  std::string get_current_weather(std::string) const { return "Sunny, 22°C"; }
  std::vector<std::string> search_web(std::string) const { return {"Result 1", "Result 2"}; }
};

ToolKit tool_kit() {
  const Tools tools;
  ToolKit kit;
  kit.add("get_current_weather", "Weather at a place", {param("location", "City")}, tools,
          &Tools::get_current_weather)
      .add("search_web", "Search the web", {param("query")}, tools, &Tools::search_web);
  return kit;
}

TextRequest question() {
  return {
      .model = "openai/gpt-oss-20b", .messages = {user("What's the weather in Tokyo?")}, .tools = tool_kit()};
}

}  // namespace

TEST_CASE("a struct of functions is a tool kit: names, descriptions and types reach the server",
          "[function-calling/tool-kit]") {
  Studio studio;
  REQUIRE(studio.runtime.generate_text(question()));
  const Value tools = studio.last_chat()["body"]["tools"];
  REQUIRE(tools.elements().size() == 2);
  const Value& weather = tools.elements()[0]["function"];
  CHECK(weather["name"].as_string() == "get_current_weather");
  CHECK(weather["parameters"]["properties"]["location"]["type"].as_string() == "string");
  CHECK(weather["parameters"]["required"] == Value::array({"location"}));
  CHECK(tools.elements()[1]["function"]["name"].as_string() == "search_web");
}

TEST_CASE("tool calls are executed automatically, streaming or not",
          "[function-calling/automatic-execution]") {
  Studio studio;
  const Reply reply = studio.runtime.generate_text(question()).value();
  CHECK(reply.tool_calls.empty());
  CHECK(reply.steps == 2);
  CHECK_THAT(reply.text, ContainsSubstring("Sunny, 22°C"));

  std::string text, result;
  TextStream stream = studio.runtime.stream_text(question()).value();
  for (const Delta& delta : stream) {
    text += delta.text();
    if (delta.kind == Delta::Kind::tool_result) result = delta.content;
  }
  CHECK(result == "Sunny, 22°C");
  CHECK_THAT(text, ContainsSubstring("Sunny, 22°C"));
}
