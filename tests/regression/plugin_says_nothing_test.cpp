// SPDX-License-Identifier: MIT
// A provider that reported success and said nothing gave an empty reply that looked like an answer. So did
// vectors of different lengths, models without names, and errors without words.
#include <string>
#include <vector>

#include "generate/embedding.hpp"
#include "plugins/contract.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Result<Reply> ask_silent(const ChatOutcome& outcome, const std::vector<ChatEvent>& events = {},
                         bool offers_async = false) {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->offers_async = offers_async;
  fake->on_chat = [&](const ChatRequest&, ChatSink& sink, const CallContext&) {
    for (const ChatEvent& event : events) sink.on_event(event);
    return outcome;
  };
  calls::ProviderSetup one = setup("fake", fake);
  one.plugin = "quiet";
  const auto parts = make_parts({std::move(one)});
  return parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, {});
}

/// Answers with these vectors, whatever it is asked.
struct FixedVectors final : Provider, Embedder {
  std::vector<std::vector<float>> vectors;

  Result<ChatOutcome> chat(const ChatRequest&, ChatSink&, const CallContext&) override {
    return ChatOutcome{.finish = Finish::stop};
  }
  Result<Embeddings> embed(std::string_view, std::span<const std::string>, const CallContext&) override {
    return Embeddings{.vectors = vectors};
  }
  void* capability(std::string_view id) override { return capability_of<Embedder>(this, id); }
};

std::string embedded(std::vector<std::vector<float>> vectors, std::size_t batch_size = 2) {
  const auto provider = std::make_shared<FixedVectors>();
  provider->vectors = std::move(vectors);
  const auto parts = make_parts({setup("p", provider)});
  const auto reply =
      embed(parts->for_calls, {.model = "p::m", .texts = {"a", "b"}, .batch_size = batch_size});
  return reply ? "fine" : std::string(to_string(reply.error().code)) + ": " + reply.error().message;
}

}  // namespace

TEST_CASE("a provider that reports success and says nothing gives an error, which names its plugin",
          "[generate]") {
  for (const bool offers_async : {false, true}) {
    const auto reply = ask_silent({}, {}, offers_async);
    REQUIRE(!reply);
    CHECK(reply.error().code == ErrorCode::protocol);
    CHECK(reply.error().message ==
          "'fake' ended a chat without an answer: plugin 'quiet' reported success, and neither a text, a "
          "tool call, a finish reason nor usage");
    CHECK_THAT(reply.error().hint, ContainsSubstring("the author of plugin 'quiet'"));
  }
  // as good as nothing
  CHECK(!ask_silent({.served_model = "m:2"}));
  CHECK(!ask_silent({}, {{.text = ""}}));
  CHECK(!ask_silent({}, {{.kind = ChatEvent::Kind::progress, .fraction = 1, .text = "prompt"}}));
  CHECK(!ask_silent({}, {{.kind = ChatEvent::Kind::rechannel, .channel = Channel::thinking}}));
}

TEST_CASE("an answer without text that says how it ended, or what it took, stays one", "[generate]") {
  CHECK(ask_silent({.finish = Finish::stop}).value().finish == Finish::stop);
  CHECK(ask_silent({.usage = {.completion_tokens = 0}}).value().finish == Finish::unknown);
  CHECK(ask_silent({}, {{.channel = Channel::thinking, .text = "hm"}}).value().text.empty());
  CHECK(ask_silent({}, {{.kind = ChatEvent::Kind::notice, .text = "left out"}}).value().notices.size() == 1);
}

TEST_CASE("vectors that are fewer, empty or of different lengths are no embeddings", "[embed]") {
  CHECK(embedded({{1, 2}, {3, 4}}) == "fine");
  CHECK(embedded({}) == "protocol: 'p' gave 0 vectors for 2 texts");
  CHECK(embedded({{1, 2}}) == "protocol: 'p' gave 1 vectors for 2 texts");
  CHECK(embedded({{1, 2}, {3, 4}, {5, 6}}) == "protocol: 'p' gave 3 vectors for 2 texts");
  CHECK(embedded({{1, 2}, {3}}) == "protocol: 'p' gave vectors of 2 and of 1 values");
  CHECK(embedded({{}, {}}) == "protocol: 'p' gave a vector without values");
  CHECK(embedded({{1, 2}}, 1) == "fine");
}

TEST_CASE("what can't be addressed breaks the contract", "[plugins]") {
  using plugins::breach;
  CHECK(breach(std::vector<ModelInfo>{{.key = "m"}}).empty());
  CHECK(breach(std::vector<ModelInfo>{{.key = "m"}, {}}) == "a model without a key");
  CHECK(breach(std::vector<ModelInfo>{{.key = "m", .instances = {{}}}}) == "an instance without an id");
  CHECK(breach(LoadedModel{}) == "a model without a key");
  CHECK(breach(LoadedModel{.key = "m"}) == "a model in memory without an instance");
  CHECK(breach(std::vector<ModelStatus>{{}}) == "a model without a key");
  CHECK(breach(std::vector<ModelStatus>{{.key = "m"}}).empty());
}
