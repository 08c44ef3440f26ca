// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "caching_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// A model with two aliases, and what it was sent.
struct Instructed {
  std::vector<Message> sent;
  bool fails = false;
  CachingWorld world{
      [this](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
        sent = request.messages;
        if (fails && request.model == "m") return refused();
        return say_hello(request, sink, context);
      },
      [](Config& config) {
        config.models = {
            {.alias = "kind", .provider = "fake", .key = "m", .fallback = {"short"}, .system = "Be kind"},
            {.alias = "short", .provider = "fake", .key = "n", .system = "Be short"}};
      }};

  static Result<ChatOutcome> refused() { return Error(ErrorCode::overloaded, "it has too much to do"); }
  std::string first_sent() const { return sent.empty() ? "" : sent.front().text; }
};

}  // namespace

TEST_CASE("the system prompt of an alias is sent first, unless the request has its own",
          "[generate][system]") {
  Instructed model;
  model.world.request.model = "kind";
  model.world.request.cache = CacheUse::bypass;
  REQUIRE(model.world.ask());
  REQUIRE(model.sent.size() == 2);
  CHECK(model.sent[0].role == Role::system);
  CHECK(model.first_sent() == "Be kind");
  model.world.request.messages.insert(model.world.request.messages.begin(), system_prompt("Be brave"));
  REQUIRE(model.world.ask());
  CHECK(model.sent.size() == 2);
  CHECK(model.first_sent() == "Be brave");
}

TEST_CASE("a fallback is asked with its own system prompt", "[generate][system]") {
  Instructed model;
  model.fails = true;
  model.world.request.model = "kind";
  REQUIRE(model.world.ask());
  CHECK(model.sent.size() == 2);
  CHECK(model.first_sent() == "Be short");
}

TEST_CASE("an answer that was given under another system prompt is not given again", "[generate][system]") {
  Instructed model;
  model.world.request.model = "kind";
  REQUIRE(model.world.ask());
  CHECK(model.world.ask()->cached);
  model.world.request.model = "m";
  CHECK_FALSE(model.world.ask()->cached);
  CHECK(model.first_sent() == "hi");
}
