// SPDX-License-Identifier: MIT
// The plugin lmstudio answered from whatever listened at a fixed base_url, and its figures said that LM
// Studio had reported them.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lmstudio/provider.hpp"
#include "support/async_chat.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Paths = std::vector<std::string>;

const std::string kGreetingPath = "/lmstudio-greeting";
const JsonReply kChatReply{R"({"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]})"};
const JsonReply kOpenAiList{R"({"object":"list","data":[{"id":"m","owned_by":"vllm","context_length":8}]})"};

std::map<std::string, JsonReply> greets_with(const JsonReply& greeting) {
  return {{kGreetingPath, greeting}, {"/v1/models", kOpenAiList}, {"/v1/chat/completions", kChatReply}};
}

// The provider at a fixed address.
struct FixedStudio {
  explicit FixedStudio(const JsonServer& server, Value settings = Value::object()) {
    settings.set("base_url", server.url());
    provider = lmstudio::LmStudio::make(settings, host).value();
  }

  template <class Capability>
  Capability& as() {
    return *static_cast<Capability*>(provider->capability(Capability::kId));
  }
  Result<ChatOutcome> chat(Driver driver) {
    return tachikoma::testing::chat(*provider, driver, {.model = "m", .messages = {{Role::user, "Hi"}}}, sink,
                                    {cancellation, "1"});
  }
  CallContext context() { return {cancellation, "1"}; }

  TestHost host;
  TestCancellation cancellation;
  RecordingSink sink;
  std::unique_ptr<Provider> provider;
};

void check_refusal(const Error& error, const JsonServer& server) {
  CHECK(error.code == ErrorCode::protocol);
  CHECK(error.detail["reason"].as_string() == "not_lmstudio");
  CHECK_THAT(error.message, StartsWith(server.url() + " is not LM Studio: "));
  CHECK_THAT(error.hint, ContainsSubstring("plugin 'openai'"));
}

}  // namespace

TEST_CASE("another server at LM Studio's address is sent nothing but the greeting",
          "[regression][lmstudio]") {
  for (const JsonReply& greeting : std::vector<JsonReply>{{R"({"ok":true})"},
                                                          {R"({"lmstudio":false})"},
                                                          {"404 page not found", "404 Not Found"},
                                                          {"", "405 Method Not Allowed"},
                                                          {"<html></html>"},
                                                          {"", "302 Found"}}) {
    INFO(greeting.status << " " << greeting.body);
    const JsonServer other(greets_with(greeting));
    FixedStudio studio(other, Value::object({{"api_key", "secret"}}));
    for (const Driver driver : {Driver::blocking, Driver::async})
      check_refusal(studio.chat(driver).error(), other);
    check_refusal(studio.as<ModelCatalog>().list_models(studio.context()).error(), other);
    check_refusal(studio.as<HealthCheck>().check_health(studio.context()).error(), other);
    const std::vector<std::string> texts = {"a"};
    check_refusal(studio.as<Embedder>().embed("m", texts, studio.context()).error(), other);
    for (const std::string& path : other.paths()) CHECK((path == kGreetingPath || path == "/"));
  }
}

TEST_CASE("LM Studio is greeted once, before the first request", "[regression][lmstudio]") {
  const JsonServer server(greets_with({R"({"lmstudio":true})"}));
  FixedStudio studio(server);
  for (int i = 0; i < 2; ++i)
    for (const Driver driver : {Driver::blocking, Driver::async}) REQUIRE(studio.chat(driver));
  const std::string chat = "/v1/chat/completions";
  CHECK(server.paths() == Paths{kGreetingPath, chat, chat, chat, chat});
}

TEST_CASE("a server that is too busy, or locked, to say who it is stays what it says",
          "[regression][lmstudio]") {
  const JsonServer locked(greets_with({R"({"error":{"message":"key please"}})", "401 Unauthorized"}));
  FixedStudio without(locked);
  CHECK(without.chat(Driver::blocking).error().code == ErrorCode::unauthenticated);
  const JsonServer busy(greets_with({"", "503 Service Unavailable"}));
  FixedStudio studio(busy);
  CHECK(studio.chat(Driver::blocking).error().code == ErrorCode::overloaded);
  CHECK(busy.paths() == Paths{kGreetingPath});
}

TEST_CASE("a figure's source is LM Studio only where LM Studio reported it", "[regression][lmstudio]") {
  const JsonServer server(greets_with({R"({"lmstudio":true})"}));
  FixedStudio studio(server);
  const auto models = studio.as<ModelCatalog>().list_models(studio.context()).value();
  REQUIRE(models.size() == 1);
  CHECK(models[0].max_context_length.basis == "LM Studio /v1/models");
}
