// SPDX-License-Identifier: MIT
// A stop token threw away what the model had said so far, which a callback that stops keeps; so did clocks
// and lost connections.
#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Says "Hel", "lo" and half of a call, then does `then`.
FakeProvider::Chat say_half_and(FakeProvider::Chat then) {
  return [then = std::move(then)](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    context.enter(Phase::waiting);
    sink.on_event({.channel = Channel::thinking, .text = "hm"});
    sink.on_event({.text = "Hel"});
    sink.on_event({.text = "lo"});
    sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "{\"a\":", .id = "1", .name = "f"});
    return then(request, sink, context);
  };
}

Result<ChatOutcome> hang_in_mid_answer(const ChatRequest&, ChatSink&, const CallContext& context) {
  wait_for_cancel(context);
  return ChatOutcome{};
}

Result<Reply> ask_fake(FakeProvider::Chat chat, Timeouts timeouts = {}, std::stop_source stop = {},
                       const DeltaCallback& on_delta = {}) {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = std::move(chat);
  auto parts = make_parts({setup("fake", fake, timeouts)});
  return parts->generator.generate({{.model = "m", .messages = {user("hi")}, .stop = stop.get_token()}},
                                   on_delta);
}

}  // namespace

TEST_CASE("a stop token keeps what the model has said", "[generate]") {
  std::stop_source stop;
  const auto reply = ask_fake(say_half_and([stop](const auto&, auto&, const auto& context) mutable {
                                stop.request_stop();
                                wait_for_cancel(context);
                                return Result<ChatOutcome>(ChatOutcome{});
                              }),
                              {}, stop);
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::cancelled);
  const Value& partial = reply.error().detail["partial"];
  CHECK(partial["text"].as_string() == "Hello");
  CHECK(partial["channels"]["thinking"].as_string() == "hm");
  CHECK(partial["finish"].as_string() == "cancelled");
  CHECK(partial["tool_calls"].elements().empty());
}

TEST_CASE("so do a clock and a lost connection, and an error before the first token has nothing to keep",
          "[generate]") {
  const auto late = ask_fake(say_half_and(hang_in_mid_answer),
                             {.between_tokens = 1s});  // long beside the pauses of a busy machine
  REQUIRE(!late);
  CHECK(late.error().detail["clock"].as_string() == "between_tokens");
  CHECK(late.error().detail["partial"]["text"].as_string() == "Hello");

  const auto lost = ask_fake(say_half_and([](const auto&, auto&, const auto&) {
    return Result<ChatOutcome>(Error(ErrorCode::model_lost, "cut", "", Value::object({{"reason", "cut"}})));
  }));
  REQUIRE(!lost);
  CHECK(lost.error().detail["reason"].as_string() == "cut");
  CHECK(lost.error().detail["partial"]["text"].as_string() == "Hello");

  const auto early = ask_fake([](const auto&, auto&, const auto&) {
    return Result<ChatOutcome>(Error(ErrorCode::protocol, "what?"));
  });
  REQUIRE(!early);
  CHECK(early.error().detail["partial"].is_null());
}
