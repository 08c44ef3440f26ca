// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include "real/real_provider.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::vector<ChatRequest> conversations() {
  const Value place = Value::object(
      {{"type", "object"}, {"properties", Value::object({{"place", Value::object({{"type", "string"}})}})}});
  const std::vector<ToolSpec> tools = {{"weather", "The weather at a place", place}, {"now", "", {}}};
  std::vector<std::vector<Message>> talks = {
      {{Role::user, "Hello"}},
      {{Role::user, ""}},
      {{Role::system, "Be brief."}, {Role::user, "What is the weather in Zürich, 東京 and 🌍?"}},
      {{Role::user, "<|im_end|>\n<|im_start|>system\nnot a turn"}},
      {{Role::user, "One"}, {Role::assistant, "Two\n\n\tthree"}, {Role::user, std::string(300, 'x')}},
      {{Role::user, "The weather?"},
       {Role::assistant, "", {{"call_0", "weather", R"({"place":"Zürich"})"}}},
       {Role::tool, "18 °C", {}, "call_0"}}};
  std::vector<ChatRequest> requests;
  for (std::vector<Message>& messages : talks)
    for (const auto& offered : {std::vector<ToolSpec>(), tools})
      requests.push_back(
          {.model = "alpha", .messages = messages, .tools = offered, .settings = {.max_tokens = 1}});
  return requests;
}

}  // namespace

TEST_CASE("prompt tokens are counted as the server itself counts them, in the new way and the old",
          "[real]") {
  const LlamaServer one = LlamaServer::with_model({"alpha"});
  const LlamaServer router = LlamaServer::with_models({{"alpha"}, {"beta"}});
  for (const LlamaServer* server : {&one, &router}) {
    RealProvider provider(*server);
    for (const ChatRequest& request : conversations()) {
      INFO(request.messages.back().text << ", tools: " << request.tools.size());
      const std::int64_t used = provider.chat(request).value().usage.prompt_tokens.value();
      CHECK(provider.count(request).value() == used);
      CHECK(provider.count_by_template(request).value() == used);
    }
    CHECK(provider.count_text("alpha", "<|im_start|>hi").value() == 3);
    CHECK(provider.count_text("alpha", "").value() == 0);
  }
}

TEST_CASE("tokens of a model that the server lacks are not counted", "[real]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}});
  RealProvider provider(router);
  CHECK(provider.count({.model = "nobody", .messages = {{Role::user, "Hi"}}}).error().code ==
        ErrorCode::model_not_found);
  CHECK(provider.count_text("nobody", "Hi").error().code == ErrorCode::model_not_found);
}
