// SPDX-License-Identifier: MIT
#include "generate/embedding.hpp"

#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Embeds a text as its length, and counts its bytes as tokens.
struct LengthProvider final : Provider, Embedder, Tokenizer {
  std::vector<std::size_t> batches;
  int failures = 0;
  std::size_t too_few = 0;

  Result<ChatOutcome> chat(const ChatRequest&, ChatSink&, const CallContext&) override {
    return ChatOutcome{.finish = Finish::stop};
  }
  Result<Embeddings> embed(std::string_view, std::span<const std::string> texts,
                           const CallContext&) override {
    if (failures-- > 0) return Error(ErrorCode::overloaded, "busy");
    batches.push_back(texts.size());
    Embeddings out{.usage = {.prompt_tokens = 2}};
    for (const std::string& text : texts.subspan(too_few))
      out.vectors.push_back({static_cast<float>(text.size())});
    return out;
  }
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext&) override {
    return static_cast<std::int64_t>(request.messages.size());
  }
  Result<std::int64_t> count_text_tokens(std::string_view, std::string_view text,
                                         const CallContext&) override {
    return static_cast<std::int64_t>(text.size());
  }
  void* capability(std::string_view id) override { return capability_of<Embedder, Tokenizer>(this, id); }
};

struct EmbeddingWorld {
  std::shared_ptr<LengthProvider> provider = std::make_shared<LengthProvider>();
  TestParts parts;

  EmbeddingWorld() {
    calls::ProviderSetup one = setup("p", provider);
    one.policy.retry = {.attempts = 2, .backoff = 0ms};
    parts = make_parts({std::move(one)});
  }
};

}  // namespace

TEST_CASE("texts are embedded in batches, in their order, with the usage summed", "[embed]") {
  EmbeddingWorld world;
  world.provider->failures = 1;
  const EmbeddingReply reply =
      embed(world.parts->for_calls,
            {.model = "m", .texts = {"a", "bb", "ccc", "dddd", "eeeee"}, .batch_size = 2})
          .value();
  CHECK(world.provider->batches == std::vector<std::size_t>{2, 2, 1});
  REQUIRE(reply.vectors.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(reply.vectors[i].front() == static_cast<float>(i + 1));
  CHECK(reply.usage.prompt_tokens == 6);
  CHECK(reply.provider == "p");
}

TEST_CASE("a provider that gives too few vectors is not believed", "[embed]") {
  EmbeddingWorld world;
  world.provider->too_few = 1;
  const auto reply = embed(world.parts->for_calls, {.model = "m", .texts = {"a", "b"}});
  CHECK(reply.error().code == ErrorCode::protocol);
  CHECK(reply.error().message == "'p' gave 1 vectors for 2 texts");
}

TEST_CASE("embedding needs texts, a batch size, and a provider that can do it", "[embed]") {
  EmbeddingWorld world;
  CHECK(embed(world.parts->for_calls, {.model = "m"}).error().code == ErrorCode::invalid_argument);
  CHECK(embed(world.parts->for_calls, {.model = "m", .texts = {"a"}, .batch_size = 0}).error().code ==
        ErrorCode::invalid_argument);
  const auto other = std::make_shared<FakeProvider>();
  other->models = {{.key = "other"}};
  const auto parts = make_parts({setup("chat-only", other)});
  CHECK(embed(parts->for_calls, {.model = "chat-only::x", .texts = {"a"}}).error().code ==
        ErrorCode::model_not_found);
  const auto fake = std::make_shared<FakeProvider>();
  fake->offers_list = false;
  const auto plain = make_parts({setup("chat-only", fake)});
  CHECK(embed(plain->for_calls, {.model = "x", .texts = {"a"}}).error().message ==
        "provider 'chat-only' can't embed texts");
}

TEST_CASE("token counts say who counted", "[tokens]") {
  EmbeddingWorld world;
  CHECK(count_tokens(world.parts->for_calls, "m", "four", {}).value() ==
        Sourced<std::int64_t>{4, Source::reported, "p"});
  CHECK(count_tokens(world.parts->for_calls, {.model = "m", .messages = {user("a"), user("b")}})
            .value()
            .value == 2);
}

namespace {

/// A server with a model to chat with, and others; which of them is taken where none is named.
std::string default_embedding_model(std::vector<ModelInfo> others, Config config = {}) {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = std::move(others);
  fake->models.push_back({.key = "chat", .kind = ModelKind::llm, .state = ModelState::loaded});
  const TestParts parts = make_parts({setup("p", fake)}, std::move(config));
  const Result<ResolvedModel> model = parts->for_calls.registry.resolve_embedding({}, {});
  return model ? model->name : model.error().message;
}

ModelInfo embedding_model(std::string key) { return {.key = std::move(key), .kind = ModelKind::embedding}; }

}  // namespace

TEST_CASE("without a name, the configured or the only embedding model is taken, and never a guess",
          "[embed]") {
  CHECK(default_embedding_model({embedding_model("a")}) == "a");
  CHECK(default_embedding_model({embedding_model("a"), embedding_model("b")},
                                Config{.default_embedding_model = "p::b"}) == "b");
  CHECK(default_embedding_model({embedding_model("a")}, Config{.default_model = "p::chat"}) == "a");
  CHECK(default_embedding_model({embedding_model("a"), embedding_model("b")}) ==
        "no embedding model was named: there are 'p::a', 'p::b'");
  CHECK(default_embedding_model({}) ==
        "no embedding model was named: 'chat' is none, and the servers list no other");
  // a server that does not say what its models are for
  CHECK(default_embedding_model({{.key = "odd"}}, Config{.default_model = "p::odd"}) == "odd");
}
