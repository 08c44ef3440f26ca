// SPDX-License-Identifier: MIT
#include "models/generation_settings.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("a present setting wins, an absent one is taken from below", "[settings]") {
  const GenerationSettings over{
      .temperature = 0.2, .stop_sequences = {"x"}, .extra = Value::object({{"a", 1}})};
  const GenerationSettings under{.max_tokens = 9,
                                 .temperature = 0.9,
                                 .stop_sequences = {"y"},
                                 .logit_bias = {{1, 2}},
                                 .reasoning_effort = ReasoningEffort::low,
                                 .draft_model = "tiny",
                                 .ttl = std::chrono::seconds(5),
                                 .extra = Value::object({{"a", 2}, {"b", 3}})};
  const GenerationSettings both = merged(over, under);
  CHECK(both.temperature == 0.2);
  CHECK(both.max_tokens == 9);
  CHECK(both.stop_sequences == std::vector<std::string>{"x"});
  CHECK(both.reasoning_effort == ReasoningEffort::low);
  CHECK(both.logit_bias.size() == 1);
  CHECK(both.draft_model == "tiny");
  CHECK(both.ttl == std::chrono::seconds(5));
  CHECK(both.extra == Value::object({{"a", 1}, {"b", 3}}));
  CHECK(merged(GenerationSettings{}, {}).extra.is_null());
}

TEST_CASE("a setting out of its range is refused by name, with the range", "[settings]") {
  const auto message = [](GenerationSettings settings) {
    const Status checked = check_request({.messages = {user("hi")}, .settings = std::move(settings)});
    return checked ? "ok" : checked.error().message;
  };
  CHECK(message({}) == "ok");
  CHECK(message({.temperature = 0.0, .top_p = 1.0, .repeat_penalty = 1.0, .mirostat = 2}) == "ok");
  CHECK(message({.temperature = 2.5}) == "setting 'temperature' is 2.5; it must be 0 to 2");
  CHECK(message({.max_tokens = 0}) == "setting 'max_tokens' is 0; it must be at least 1");
  CHECK(message({.top_p = -0.1}) == "setting 'top_p' is -0.1; it must be 0 to 1");
  CHECK(message({.repeat_penalty = 0.0}) == "setting 'repeat_penalty' is 0; it must be above 0");
  CHECK(message({.mirostat = 3}) == "setting 'mirostat' is 3; it must be 0 to 2");
  CHECK(message({.temperature = std::numeric_limits<double>::quiet_NaN()})
            .starts_with("setting 'temperature'"));
  CHECK(message({.logit_bias = {{7, 100.5}}}) ==
        "setting 'logit_bias' of token 7 is 100.5; it must be -100 to 100, of a token from 0");
  CHECK(message({.logit_bias = {{-1, 1}}}).starts_with("setting 'logit_bias'"));
  CHECK(message({.ttl = std::chrono::seconds(0)}) == "setting 'ttl' is 0 s; it must be above 0");
  CHECK(message({.stop_sequences = {""}}).starts_with("setting 'stop_sequences'"));
}

TEST_CASE("a request that nobody could answer is refused before anything is sent", "[settings]") {
  CHECK(check_request({}).error().code == ErrorCode::invalid_argument);
  CHECK(!check_request({.messages = {{.role = Role::tool, .text = "42"}}}));
  CHECK(!check_request({.messages = {{.role = Role::user, .text = "x", .tool_calls = {{"1", "f", "{}"}}}}}));
  CHECK(check_request({.messages = {user("x")}, .tools = {{.name = "bad name"}}}).error().message ==
        "tool 'bad name': its name has other characters than letters, digits, '_' and '-', or not between 1 "
        "and 64 of them");
  CHECK(!check_request({.messages = {{.role = Role::system, .text = "x", .images = {{}}}}}));
  CHECK(!check_request({.messages = {user("x")}, .tools = {{.name = "a"}}, .tool_rules = {.max_steps = 0}}));
  CHECK(!check_request({.messages = {user("x")}, .tool_choice = ToolChoice{ToolChoice::Mode::required}}));
  const Status unknown = check_request({.messages = {user("x")},
                                        .tools = {{.name = "get_weather"}},
                                        .tool_choice = ToolChoice{ToolChoice::Mode::named, "get_wether"}});
  CHECK(unknown.error().message == "the tool choice names 'get_wether', which is not a tool of the request");
  CHECK(unknown.error().hint == "did you mean 'get_weather'?");
  CHECK(check_request({.messages = {user("x"), tool_result("1", "42")},
                       .tools = {{.name = "good_name"}, {.name = "good-name"}}}));
}
