// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "common/chat_request_writer.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr std::string_view kHint = "remove it";

ChatRequest everything() {
  ChatRequest request;
  request.model = "openai/gpt-oss-20b";
  request.messages = {
      {Role::system, "Be brief."},
      {Role::user, "What \"is\" the weather in Zürich?\n", {}, {}, {}, Value::object({{"name", "ann"}})},
      {Role::assistant, "", {{"call_0", "get_weather", "{\"city\":\"Zürich\"}"}}},
      {Role::tool, "18 °C", {}, "call_0"}};
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
                      .reasoning_effort = ReasoningEffort::low,
                      .extra = Value::object({{"logit_bias", Value::object({{"50256", -100}})}})};
  return request;
}

}  // namespace

TEST_CASE("a request with everything in it is written field by field", "[request]") {
  const auto body = kit::write_chat_request(everything(), kHint);
  REQUIRE(body);
  check_golden("requests/everything.json", base::to_json(base::parse_json(*body).value(), 2) + "\n");
}

TEST_CASE("a small request says no more than it must", "[request]") {
  const auto body = kit::write_chat_request({.model = "m", .messages = {{Role::user, "Hi"}}}, kHint);
  REQUIRE(body);
  CHECK(
      *body ==
      R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}})");
}

TEST_CASE("invalid UTF-8 in a message becomes U+FFFD", "[request]") {
  const auto body = kit::write_chat_request({.model = "m",
                                             .messages = {{Role::user,
                                                           "a\xff"
                                                           "b"}}},
                                            kHint);
  REQUIRE(body);
  CHECK_THAT(*body, ContainsSubstring("a\xEF\xBF\xBD"
                                      "b"));
}

TEST_CASE("mirostat is refused by name, with the way out", "[request]") {
  ChatRequest request = everything();
  request.settings.mirostat = 2;
  const auto body = kit::write_chat_request(request, kHint);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == ErrorCode::unsupported);
  CHECK(body.error().message ==
        "the setting 'mirostat' (2) can't be delivered: the chat completions API has no such field");
  CHECK(body.error().hint == kHint);
}

TEST_CASE("extra fields may add to a request, but not repeat what it says", "[request]") {
  ChatRequest request = everything();
  request.settings.extra = Value::object({{"temperature", 1}});
  const auto repeated = kit::write_chat_request(request, kHint);
  REQUIRE_FALSE(repeated);
  CHECK(repeated.error().code == ErrorCode::invalid_argument);
  CHECK(repeated.error().message == "settings.extra repeats 'temperature', which is written already");

  request.settings.extra = "text";
  CHECK(kit::write_chat_request(request, kHint).error().message == "settings.extra is no object");

  request = everything();
  request.messages[0].extra = Value::object({{"role", "user"}});
  CHECK(kit::write_chat_request(request, kHint).error().message ==
        "message.extra repeats 'role', which is written already");
}
