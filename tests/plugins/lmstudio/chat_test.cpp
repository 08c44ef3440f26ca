// SPDX-License-Identifier: MIT
// What LM Studio says of a model decides how a chat is written for it.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "lmstudio/provider.hpp"
#include "lmstudio/reasoning.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kNativeList = "/api/v1/models";
const std::string kChat = "/v1/chat/completions";
const std::string kGreetingRoute = "/lmstudio-greeting";  // before anything else is sent, once

const JsonReply kAnswer{R"({"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]})"};
const JsonReply kModels{
    R"({"models":[)"
    R"({"type":"llm","key":"thinker","loaded_instances":[{"id":"thinker:2"}],"variants":["thinker@q4"],)"
    R"("capabilities":{"vision":false,"reasoning":{"allowed_options":["off","low","high"],"default":"low"}}},)"
    R"({"type":"llm","key":"plain","loaded_instances":[],"capabilities":{"vision":true}}]})"};

class ChatStudio {
 public:
  explicit ChatStudio(std::map<std::string, JsonReply> replies) : server(std::move(replies)) {}

  Result<ChatOutcome> chat(const ChatRequest& request) {
    sink = {};
    return provider_->chat(request, sink, {cancellation_, "1"});
  }
  // What the server was asked for as `reasoning_effort`; "-" when it was not.
  std::string effort(const std::string& model, ReasoningEffort effort) {
    REQUIRE(chat({.model = model, .messages = {user("Hi")}, .settings = {.reasoning_effort = effort}}));
    const Value body = base::parse_json(server.last_body(kChat)).value();
    return body.find("reasoning_effort") ? std::string(body["reasoning_effort"].as_string()) : "-";
  }
  bool told(const std::string& words) const { return sink.lines.find(words) != std::string::npos; }

  JsonServer server;
  RecordingSink sink;

  static Message user(std::string text, std::vector<Image> images = {}) {
    return {.role = Role::user, .text = std::move(text), .images = std::move(images)};
  }

 private:
  TestHost host_;
  TestCancellation cancellation_;
  std::unique_ptr<Provider> provider_ =
      lmstudio::LmStudio::make(Value::object({{"base_url", server.url()}}), host_).value();
};

lmstudio::Effort choose(ReasoningEffort asked, std::vector<std::string> options, const char* standard = "") {
  ModelInfo model{.key = "m", .reasoning_options = std::move(options)};
  model.extra.set("reasoning", Value::object({{"default", standard}}));
  return lmstudio::choose_effort(asked, model);
}

}  // namespace

TEST_CASE("a reasoning effort becomes what the model allows, and what is changed is said", "[lmstudio]") {
  using enum ReasoningEffort;
  CHECK(choose(high, {"low", "medium", "high"}).value == "high");
  CHECK(choose(high, {"low", "medium", "high"}).notice.empty());
  CHECK(choose(none, {"off", "on"}).value == "none");  // this route does not take "off"
  CHECK(choose(none, {"off", "on"}).notice.empty());
  CHECK(choose(none, {"low", "high"}).value.empty());
  CHECK(choose(none, {"low", "high"}).notice == "reasoning_effort 'none' is left out: 'm' knows low, high");
  CHECK(choose(medium, {"low", "high"}).value.empty());
  CHECK(choose(medium, {"off", "on"}, "on").value.empty());
  CHECK(choose(medium, {"off", "on"}, "on").notice ==
        "reasoning_effort 'medium' is left out: 'm' knows off, on, and it is on by default");
  CHECK(choose(medium, {"off", "on"}, "off").value == "on");
  CHECK(choose(medium, {"off", "on"}, "off").notice ==
        "reasoning_effort 'medium' is sent as 'on', which LM Studio may ignore: 'm' knows off, on");
  CHECK(choose(low, {}).value.empty());
  CHECK(choose(low, {}).notice ==
        "reasoning_effort 'low' is left out: LM Studio lists no reasoning setting for 'm'");
}

TEST_CASE("LM Studio is asked once what its models allow, by whatever name they go", "[lmstudio]") {
  using enum ReasoningEffort;
  ChatStudio studio({{kNativeList, kModels}, {kChat, kAnswer}});
  CHECK(studio.effort("thinker", high) == "high");
  CHECK_FALSE(studio.told("notice"));
  CHECK(studio.effort("thinker:2", none) == "none");
  CHECK(studio.effort("thinker@q4", low) == "low");
  CHECK(studio.effort("plain", low) == "-");
  CHECK(studio.told("lists no reasoning setting for 'plain'"));
  const std::vector<std::string> expected = {kGreetingRoute, kNativeList, kChat, kChat, kChat, kChat};
  CHECK(studio.server.paths() == expected);
}

TEST_CASE("a model that the list lacks makes LM Studio be asked again, and its effort is sent as it is",
          "[lmstudio]") {
  ChatStudio studio({{kNativeList, kModels}, {kChat, kAnswer}});
  for (int round = 0; round < 2; ++round) {
    CHECK(studio.effort("new", ReasoningEffort::medium) == "medium");
    CHECK(studio.told("does not say what 'new' allows"));
  }
  const std::vector<std::string> expected = {kGreetingRoute, kNativeList, kChat, kNativeList, kChat};
  CHECK(studio.server.paths() == expected);
}

TEST_CASE("a list that is not available, or says nothing of reasoning, is no reason to fail", "[lmstudio]") {
  ChatStudio none({{kChat, kAnswer}});
  CHECK(none.effort("thinker", ReasoningEffort::high) == "high");
  CHECK(none.told("does not say what 'thinker' allows"));

  ChatStudio older(
      {{"/api/v0/models", JsonReply{R"({"data":[{"id":"thinker","type":"llm"}]})"}}, {kChat, kAnswer}});
  CHECK(older.effort("thinker", ReasoningEffort::high) == "high");
  CHECK(older.told("does not say what 'thinker' allows"));
}

TEST_CASE("a plain request asks LM Studio for nothing but the answer", "[lmstudio]") {
  ChatStudio studio({{kNativeList, kModels}, {kChat, kAnswer}});
  REQUIRE(studio.chat({.model = "thinker", .messages = {ChatStudio::user("Hi")}}));
  REQUIRE(studio.chat({.model = "thinker", .messages = {ChatStudio::user("Hi")}}));
  CHECK(studio.server.paths() == std::vector<std::string>{kGreetingRoute, kChat, kChat});
}

TEST_CASE("images are refused before they are sent to a model without vision", "[lmstudio]") {
  ChatStudio studio({{kNativeList, kModels}, {kChat, kAnswer}});
  const std::vector<Message> picture = {ChatStudio::user("What is this?", {{"image/png", "x"}})};
  const auto refused = studio.chat({.model = "thinker", .messages = picture});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message == "model 'thinker' can't see images, as LM Studio says");
  CHECK(studio.server.paths() == std::vector<std::string>{kGreetingRoute, kNativeList});

  CHECK(studio.chat({.model = "plain", .messages = picture}));
  CHECK(studio.chat({.model = "unlisted", .messages = picture}));
}

TEST_CASE("what LM Studio does not document is sent with a notice", "[lmstudio]") {
  ChatStudio studio({{kChat, kAnswer}});
  ChatRequest request{.model = "m",
                      .messages = {ChatStudio::user("Hi")},
                      .tools = {{"now", "", {}}},
                      .parallel_tool_calls = false,
                      .settings = {.min_p = 0.1}};
  REQUIRE(studio.chat(request));
  CHECK(studio.told("notice: min_p is sent, but LM Studio does not document it"));
  CHECK(studio.told("notice: parallel_tool_calls is sent, but LM Studio does not document it"));
  CHECK_THAT(studio.server.last_body(kChat),
             ContainsSubstring("\"min_p\":0.1") && ContainsSubstring("\"parallel_tool_calls\":false"));
  request.settings.mirostat = 1;
  CHECK(studio.chat(request).error().code == ErrorCode::unsupported);
}
