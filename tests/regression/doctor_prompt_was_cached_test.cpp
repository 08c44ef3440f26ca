// SPDX-License-Identifier: MIT
// `doctor` sent the same prompt each time, and took the tokens of the whole prompt by the time to the first
// token for the speed of reading: from the second time on the server had it in its cache, and 109,384
// tokens/s were "measured".
#include <algorithm>

#include "diagnose/diagnosis.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// A server with a model in memory, which keeps every prompt that it has read.
struct CachingServer {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  std::vector<std::string> prompts;
  std::optional<std::int64_t> cached;
  Sourced<double> own_speed{};
  TestParts parts;

  CachingServer() {
    fake->models = {{.key = "m", .state = ModelState::loaded}};
    fake->on_chat = [this](const ChatRequest& request, ChatSink& sink, const CallContext&) {
      prompts.push_back(request.messages.back().text);
      sink.on_event({.text = "a"});
      return ChatOutcome{.usage = {.prompt_tokens = 150,
                                   .completion_tokens = 1,
                                   .reasoning_tokens = {},
                                   .cached_tokens = cached},
                         .prompt_tokens_per_second = own_speed};
    };
    parts = make_parts({setup("fake", fake)});
  }
  Diagnosis examine() {
    return diagnose::diagnose({parts->providers, parts->registry, parts->generator},
                              parts->providers.all().front(), {}, {})
        .value();
  }
};

}  // namespace

TEST_CASE("doctor's prompt is one that no server has in its cache", "[diagnose]") {
  CachingServer server;
  CHECK(server.examine().prompt_tokens_per_second.source == Source::measured);
  CHECK(server.examine().prompt_tokens_per_second.source == Source::measured);
  REQUIRE(server.prompts.size() == 2);
  const auto differ = std::mismatch(server.prompts[0].begin(), server.prompts[0].end(),
                                    server.prompts[1].begin(), server.prompts[1].end());
  CHECK(differ.first - server.prompts[0].begin() < 24);
}

TEST_CASE("tokens that came out of a cache are not part of the speed of reading", "[diagnose]") {
  CachingServer server;
  server.cached = 140;
  const Diagnosis diagnosis = server.examine();
  CHECK_FALSE(diagnosis.prompt_tokens_per_second);
  CHECK(diagnosis.prompt_tokens_per_second.basis == "the server had 140 of 150 prompt tokens in its cache");
}

TEST_CASE("what the server itself says of its reading comes first", "[diagnose]") {
  CachingServer server;
  server.own_speed = {812.5, Source::reported, "the server"};
  CHECK(server.examine().prompt_tokens_per_second == server.own_speed);
}
