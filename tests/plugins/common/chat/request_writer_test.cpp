// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "common/chat/chat_request_writer.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

ChatRequest everything() {
  ChatRequest request;
  request.model = "openai/gpt-oss-20b";
  request.messages = {
      {Role::system, "Be brief."},
      {.role = Role::user,
       .text = "What \"is\" the weather in Zürich?\n",
       .extra = Value::object({{"name", "ann"}})},
      {Role::assistant, "", {{"call_0", "get_weather", "{\"city\":\"Zürich\"}"}}},
      {Role::tool, "18 °C", {}, "call_0"},
      {.role = Role::user, .text = "And this?", .images = {{"image/png", "\x89PNG"}, {"image/jpeg", "\xff"}}},
      {.role = Role::user, .text = "", .images = {{"image/gif", "GIF89a"}}}};
  request.tools = {
      {"get_weather", "Weather at a place",
       Value::object({{"type", "object"},
                      {"properties", Value::object({{"city", Value::object({{"type", "string"}})}})},
                      {"required", Value::array({"city"})}})},
      {"now", "", {}}};
  request.settings = {.max_tokens = 64,
                      .temperature = 0.7,
                      .top_p = 1.0,
                      .top_k = 40,
                      .min_p = 0.05,
                      .repeat_penalty = 1.1,
                      .presence_penalty = -0.5,
                      .frequency_penalty = 0.25,
                      .mirostat = 0,
                      .seed = 42,
                      .stop_sequences = {"```", "// End"},
                      .logit_bias = {{50256, -100}, {7, 0.5}},
                      .reasoning_effort = ReasoningEffort::low,
                      .draft_model = "tiny",
                      .ttl = std::chrono::seconds(600),
                      .extra = Value::object({{"cache_prompt", true}})};
  request.tool_choice = ToolChoice{};
  request.parallel_tool_calls = false;
  request.response_schema = Value::object({{"type", "object"}});
  return request;
}

const kit::ChatForm kLoads{.loads_models = true};

// The request's JSON; the test fails when it is refused.
Value written(const ChatRequest& request, const kit::ChatForm& form = {}) {
  const auto body = kit::write_chat_request(request, form);
  REQUIRE(body);
  return base::parse_json(*body).value();
}

Error refused(const ChatRequest& request) {
  const auto body = kit::write_chat_request(request);
  REQUIRE_FALSE(body);
  return body.error();
}

ChatRequest with_tools(ToolChoice choice) {
  return {.model = "m",
          .messages = {{Role::user, "Hi"}},
          .tools = {{"now", "", {}}, {"set", "", {}}},
          .tool_choice = std::move(choice)};
}

// Whether the schema is asked for strictly.
bool strict(std::string_view schema) {
  return written({.model = "m",
                  .response_schema =
                      base::parse_json(schema).value()})["response_format"]["json_schema"]["strict"]
      .as_bool();
}

}  // namespace

TEST_CASE("a request with everything in it is written field by field", "[request]") {
  check_golden("requests/everything.json", base::to_json(written(everything(), kLoads), 2) + "\n");
}

TEST_CASE("a small request says no more than it must", "[request]") {
  const auto body = kit::write_chat_request({.model = "m", .messages = {{Role::user, "Hi"}}});
  REQUIRE(body);
  CHECK(
      *body ==
      R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}})");
}

TEST_CASE("invalid UTF-8 in a message becomes U+FFFD", "[request]") {
  const Value request = written({.model = "m",
                                 .messages = {{Role::user,
                                               "a\xff"
                                               "b"}}});
  CHECK(request["messages"].elements().at(0)["content"].as_string() ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("what chat completions have no field for is refused by name, with the way out", "[request]") {
  ChatRequest request{.model = "m", .settings = {.mirostat = 2}};
  CHECK(refused(request).code == ErrorCode::unsupported);
  CHECK(refused(request).message ==
        "the setting 'mirostat' (2) can't be delivered: the chat completions API has no such field");
  CHECK(refused(request).hint == kit::ChatForm().mirostat_hint);
  CHECK_THAT(refused({.model = "m", .settings = {.draft_model = "tiny"}}).message,
             StartsWith("the setting 'draft_model' (tiny) can't be delivered"));
  request.settings = {.ttl = std::chrono::seconds(60)};
  CHECK(refused(request).code == ErrorCode::unsupported);
  CHECK_THAT(refused(request).message, StartsWith("the setting 'ttl' (1 min) can't be delivered"));
  request.settings = {.extra = Value::object({{"ttl", 60}})};
  CHECK(written(request)["ttl"].as_integer() == 60);
}

TEST_CASE("extra fields may add to a request, but not repeat what it says", "[request]") {
  ChatRequest request{.model = "m", .messages = {{Role::user, "Hi"}}, .settings = {.temperature = 0.5}};
  request.settings.extra = Value::object({{"temperature", 1}});
  CHECK(refused(request).code == ErrorCode::invalid_argument);
  CHECK(refused(request).message == "settings.extra repeats 'temperature', which is written already");

  request.settings.extra = "text";
  CHECK(refused(request).message == "settings.extra is not an object");

  request.settings.extra = {};
  request.messages[0].extra = Value::object({{"role", "user"}});
  CHECK(refused(request).message == "message.extra repeats 'role', which is written already");
}

TEST_CASE("a tool choice is one word, and a name leaves that tool alone", "[request]") {
  using Mode = ToolChoice::Mode;
  CHECK(written(with_tools({Mode::automatic}))["tool_choice"].as_string() == "auto");
  CHECK(written(with_tools({Mode::none}))["tool_choice"].as_string() == "none");
  CHECK(written(with_tools({Mode::required}))["tool_choice"].as_string() == "required");
  const Value named = written(with_tools({Mode::named, "set"}));
  CHECK(named["tool_choice"].as_string() == "required");
  REQUIRE(named["tools"].elements().size() == 1);
  CHECK(named["tools"].elements()[0]["function"]["name"].as_string() == "set");

  const Error unknown = refused(with_tools({Mode::named, "sett"}));
  CHECK(unknown.message == "tool_choice names 'sett', which is not a tool of the request");
  CHECK(unknown.hint == "its tools are 'now', 'set'");
}

TEST_CASE("without tools a call can't be asked for, and other choices hold anyway", "[request]") {
  ChatRequest request = with_tools({ToolChoice::Mode::required});
  request.tools.clear();
  CHECK(refused(request).message == "tool_choice asks for a call, but the request has no tools");
  request.tool_choice = ToolChoice{ToolChoice::Mode::none};
  request.parallel_tool_calls = false;
  CHECK_FALSE(written(request).find("tool_choice"));
  CHECK_FALSE(written(request).find("parallel_tool_calls"));
}

TEST_CASE("a call whose arguments are no JSON object goes back as one that quotes them", "[request]") {
  const auto sent = [](const char* arguments) {
    const Value request = written(
        {.model = "m",
         .messages = {{.role = Role::assistant, .text = "", .tool_calls = {{"1", "set", arguments}}}}});
    const Value& call = request["messages"].elements()[0]["tool_calls"].elements()[0];
    return std::string(call["function"]["arguments"].as_string());
  };
  CHECK(sent("{ \"a\": 1 }") == "{ \"a\": 1 }");
  CHECK(sent("") == "{}");
  CHECK(sent("{\"a\": ") == R"({"invalid_arguments":"{\"a\": "})");
  CHECK(sent("[1]") == R"({"invalid_arguments":"[1]"})");
}

TEST_CASE("a schema is strict where OpenAI's strict mode takes it, or where any is", "[request]") {
  CHECK(strict(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],)"
               R"("additionalProperties":false})"));
  CHECK_FALSE(strict(R"({"type":"object","properties":{"a":{}},"required":["a"]})"));
  CHECK_FALSE(strict(R"({"type":"object","properties":{"a":{}},"additionalProperties":false})"));
  CHECK_FALSE(strict(R"({"type":"array","items":{"anyOf":[{"type":"object"}]}})"));
  CHECK(written({.model = "m", .response_schema = Value::object({{"type", "object"}})},
                {.strict_takes_any_schema = true})["response_format"]["json_schema"]["strict"]
            .as_bool());
}

TEST_CASE("images stand in turns of the user, and are images", "[request]") {
  ChatRequest request{.model = "m",
                      .messages = {{.role = Role::system, .text = "", .images = {{"image/png", "x"}}}}};
  CHECK(refused(request).message == "a message of role 'system' has images");
  request.messages = {{.role = Role::user, .text = "", .images = {{"text/html", "x"}}}};
  CHECK(refused(request).message == "an image has the type 'text/html', which is not an image type");
  request.messages[0].images[0].mime_type = "image/png\"";
  CHECK(refused(request).code == ErrorCode::invalid_argument);
}

TEST_CASE("a server's own word for the reasoning effort takes the place of ours", "[request]") {
  ChatRequest request{.model = "m", .settings = {.reasoning_effort = ReasoningEffort::high}};
  CHECK(written(request)["reasoning_effort"].as_string() == "high");
  CHECK(written(request, {.reasoning_effort = "on"})["reasoning_effort"].as_string() == "on");
  CHECK_FALSE(written(request, {.reasoning_effort = ""}).find("reasoning_effort"));
}

TEST_CASE("only a long request has much more room than it needs", "[request]") {
  ChatRequest request{.model = "m",
                      .messages = std::vector<Message>(1000, {Role::user, std::string(160, 'x')})};
  const std::string body = kit::write_chat_request(request, {}).value();
  CHECK(body.capacity() > 3 * body.size());
  CHECK(base::parse_json(body).value()["messages"].elements().size() == 1000);
  request.messages.resize(10);
  const std::string small = kit::write_chat_request(request, {}).value();
  CHECK(small.capacity() < 2 * small.size());
}
