// SPDX-License-Identifier: MIT
// An answer had no bound: 1,025 calls became 1,024 without a word, and a server that never ended its text,
// its reasoning or its arguments ended in "plugin fault: chat() threw bad_alloc".
#include <string>

#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/plugin/exception.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr AnswerLimits kTight{.text = 100, .reasoning = 50, .arguments = 60, .tool_calls = 3};

// Sends `event` until the sink wants no more, or a thousand times, numbering calls; then counts what came.
struct Flood {
  ChatEvent event;
  bool numbered = false;
  std::shared_ptr<int> sent = std::make_shared<int>(0);

  Result<ChatOutcome> operator()(const ChatRequest&, ChatSink& sink, const CallContext&) const {
    ChatEvent each = event;
    while (*sent < 1000) {
      ++*sent;
      if (sink.on_event(each) == Flow::stop) break;
      if (numbered) ++each.index;
    }
    return ChatOutcome{.finish = Finish::stop};
  }
};

Result<Reply> answer_within(const AnswerLimits& limits, FakeProvider::Chat chat,
                            const DeltaCallback& on_delta = {}) {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = std::move(chat);
  calls::ProviderSetup made = setup("fake", fake);
  made.policy.answer = limits;
  made.policy.retry.attempts = 3;
  const auto parts = make_parts([&] {
    std::vector<calls::ProviderSetup> setups;
    setups.push_back(std::move(made));
    return setups;
  }());
  return parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, on_delta);
}

void check_ended(const Flood& flood, int after, const std::string& message, const std::string& limit) {
  const Result<Reply> reply = answer_within(kTight, flood);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::limit_exceeded);
  CHECK(reply.error().message == message);
  CHECK(reply.error().detail["limit"].as_string() == limit);
  CHECK_FALSE(reply.error().retryable);
  CHECK(*flood.sent == after);  // once, and not a piece more
}

}  // namespace

TEST_CASE("an answer beyond a size of policy.answer ends there, with the name of the setting", "[generate]") {
  check_ended({{.text = "0123456789"}}, 11, "the answer of 'fake' has more than 100 bytes of text",
              "policy.answer.text");
  for (const Channel channel : {Channel::thinking, Channel::analysis, Channel::commentary})
    check_ended({{.channel = channel, .text = "0123456789"}}, 6,
                "the answer of 'fake' has more than 50 bytes of reasoning", "policy.answer.reasoning");
  const ChatEvent arguments{.kind = ChatEvent::Kind::tool_call, .text = "0123456789"};
  check_ended({arguments}, 7, "the answer of 'fake' has more than 60 bytes of tool calls",
              "policy.answer.arguments");
  const ChatEvent names{.kind = ChatEvent::Kind::tool_call, .id = "01234", .name = "56789"};
  check_ended({names}, 7, "the answer of 'fake' has more than 60 bytes of tool calls",
              "policy.answer.arguments");
  check_ended({{.kind = ChatEvent::Kind::tool_call}, true}, 4,
              "the answer of 'fake' has more than 3 tool calls", "policy.answer.tool_calls");
}

TEST_CASE("text that turns out to be reasoning counts as reasoning", "[generate]") {
  const Result<Reply> reply =
      answer_within(kTight, [](const ChatRequest&, ChatSink& sink, const CallContext&) {
        sink.on_event({.text = std::string(80, 'x')});
        const Flow flow = sink.on_event({.kind = ChatEvent::Kind::rechannel, .channel = Channel::thinking});
        CHECK(flow == Flow::stop);
        return ChatOutcome{.finish = Finish::stop};
      });
  REQUIRE_FALSE(reply);
  CHECK(reply.error().detail["limit"].as_string() == "policy.answer.reasoning");
}

TEST_CASE("as many calls and bytes as are allowed arrive", "[generate]") {
  const Reply reply =
      answer_within(kTight, [](const ChatRequest&, ChatSink& sink, const CallContext&) {
        sink.on_event({.text = std::string(100, 'x')});
        sink.on_event({.channel = Channel::thinking, .text = std::string(50, 'y')});
        for (std::uint32_t i = 0; i < 3; ++i)
          sink.on_event(
              {.kind = ChatEvent::Kind::tool_call, .index = i, .text = std::string(20, '1'), .name = {}});
        return ChatOutcome{.finish = Finish::tool_calls};
      }).value();
  CHECK(reply.text.size() == 100);
  CHECK(reply.channels[Channel::thinking].size() == 50);
  CHECK(reply.tool_calls.size() == 3);
}

TEST_CASE("what the caller saw of an answer that grew too large stays seen, and nothing follows",
          "[generate]") {
  std::size_t bytes = 0;
  const Result<Reply> reply = answer_within(kTight, Flood{{.text = "0123456789"}}, [&](const Delta& delta) {
    bytes += delta.text().size();
    return Flow::proceed;
  });
  CHECK_FALSE(reply);
  CHECK(bytes == 100);
}

TEST_CASE("notices of a server without end are cut, and say so", "[generate]") {
  const Reply reply = answer_within({}, Flood{{.kind = ChatEvent::Kind::notice, .text = "look"}}).value();
  CHECK(reply.notices.size() == 100);
  CHECK(reply.notices.back() == "further notices are left out");
}

TEST_CASE("the error of a limit is thrown as LimitExceeded", "[generate]") {
  try {
    answer_within(kTight, Flood{{.text = "0123456789"}}).value();
    FAIL("it was accepted");
  } catch (const LimitExceeded& error) {
    CHECK(error.limit() == "policy.answer.text");
    CHECK(error.allowed() == 100);
  }
}

TEST_CASE("policy.answer is read as sizes, shown with its defaults, and checked", "[config]") {
  const Config config =
      check("providers: {lmstudio: {}}\npolicy: {answer: {text: 1MiB, reasoning: 5kB, tool_calls: 7}}\n")
          .value();
  CHECK(config.policy.answer.text == 1 << 20);
  CHECK(config.policy.answer.reasoning == 5000);
  CHECK(config.policy.answer.arguments == 16 << 20);
  CHECK(config.policy.answer.tool_calls == 7);
  CHECK(config.effective["policy"]["answer"]["arguments"].as_string() == "16MiB");
  CHECK_FALSE(fault("providers: {lmstudio: {}}\npolicy: {answer: {text: 0}}\n").empty());
  CHECK_FALSE(fault("providers: {lmstudio: {}}\npolicy: {answer: {tool_calls: 0}}\n").empty());
  CHECK_FALSE(fault("providers: {lmstudio: {}}\npolicy: {answer: {txt: 1MiB}}\n").empty());
}
