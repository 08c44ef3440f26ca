// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <future>
#include <stdexcept>

#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// What a model does in one step: calls these tools, or says this.
struct Step {
  std::vector<std::string> calls = {};
  std::string text = {};
};

/// A model that follows a script, and tools that double numbers.
struct LoopWorld {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  std::vector<Step> steps;
  std::vector<ChatRequest> asked;
  std::size_t fail_at = 0;  // the call that fails, from 1
  TestParts parts;
  TextRequest request{.model = "m", .messages = {user("hi")}};

  explicit LoopWorld(std::vector<Step> script) : steps(std::move(script)) {
    fake->offers_list = false;
    fake->on_chat = [this](const ChatRequest& chat, ChatSink& sink,
                           const CallContext&) -> Result<ChatOutcome> {
      asked.push_back(chat);
      if (asked.size() == fail_at) return Error(ErrorCode::model_lost, "gone");
      const bool repeated = fail_at != 0 && asked.size() > fail_at;
      const Step& step = steps.at(std::min(asked.size() - repeated, steps.size()) - 1);
      if (!step.text.empty()) sink.on_event({.text = step.text});
      const bool may_call = !chat.tool_choice || chat.tool_choice->mode != ToolChoice::Mode::none;
      for (std::uint32_t i = 0; may_call && i < step.calls.size(); ++i)
        sink.on_event(
            {.kind = ChatEvent::Kind::tool_call, .index = i, .text = R"({"n":21})", .name = step.calls[i]});
      return ChatOutcome{.finish = Finish::stop, .usage = {.prompt_tokens = 10, .completion_tokens = 5}};
    };
    calls::ProviderSetup one = setup("fake", fake);
    one.policy.retry = {.attempts = 2, .backoff = 0ms};
    parts = make_parts({std::move(one)});
    request.tools.add("double_it", "Doubles", {param("n")}, [](int n) { return 2 * n; });
  }

  Result<Reply> generate(const DeltaCallback& on_delta = {}) {
    return parts->generator.generate({request}, on_delta);
  }
  Result<Reply> generate_async(DeltaCallback on_delta) {
    const auto reply = std::make_shared<std::promise<Result<Reply>>>();
    parts.start(request, std::move(on_delta),
                [reply](Result<Reply> result) { reply->set_value(std::move(result)); });
    return reply->get_future().get();
  }
};

std::string describe(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) {
    text += std::string(to_string(message.role)) + "(" + message.text;
    for (const ToolCall& call : message.tool_calls) text += " " + call.name + "#" + call.id;
    text += message.tool_call_id.empty() ? ") " : " for " + message.tool_call_id + ") ";
  }
  return text;
}

}  // namespace

TEST_CASE("the calls of a model are run, and it is asked again with their results", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"double_it", "double_it"}}, {.text = "42, twice"}});
  std::vector<std::string> seen;
  const auto note = [&](const Delta& delta) {
    std::string text(to_string(delta.kind));
    if (delta.call) text += ":" + delta.call->id;
    seen.push_back(text + (delta.content.empty() ? "" : "=" + std::string(delta.content)));
    return Flow::proceed;
  };
  const bool async = GENERATE(false, true);
  const Reply reply = (async ? world.generate_async(note) : world.generate(note)).value();
  CHECK(reply.text == "42, twice");
  CHECK(reply.steps == 2);
  CHECK(reply.tool_calls.empty());
  CHECK(reply.usage == Usage{.prompt_tokens = 20, .completion_tokens = 10});
  CHECK(describe(reply.messages) ==
        "assistant( double_it#call00000 double_it#call00001) tool(42 for call00000) tool(42 for call00001) "
        "assistant(42, twice) ");
  CHECK(describe(world.asked[1].messages) ==
        "user(hi) assistant( double_it#call00000 double_it#call00001) tool(42 for call00000) tool(42 for "
        "call00001) ");
  CHECK(seen == std::vector<std::string>{"tool_call:call00000", "tool_call:call00001",
                                         "tool_result:call00000=42", "tool_result:call00001=42",
                                         "channel_start", "text=42, twice", "usage", "end"});
}

TEST_CASE("calls of tools that the caller runs end the generation, after ours were run", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"theirs", "double_it"}}});
  world.request.tools.add(ToolSpec{.name = "theirs"});
  const Reply reply = world.generate().value();
  REQUIRE(reply.tool_calls.size() == 1);
  CHECK(reply.tool_calls[0].name == "theirs");
  CHECK(describe(reply.messages) ==
        "assistant( theirs#call00000 double_it#call00001) tool(42 for call00001) ");
  CHECK(world.asked.size() == 1);
}

TEST_CASE("without an implementation no call is answered here, whatever its name", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"invented"}}});
  world.request.tools = {ToolSpec{.name = "theirs"}};
  CHECK(world.generate().value().tool_calls.size() == 1);
}

TEST_CASE("a model that never stops calling answers without tools at the last step", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"double_it"}, .text = "hm"}});
  world.request.tool_rules.max_steps = 3;
  const Reply reply = world.generate().value();
  CHECK(reply.steps == 3);
  CHECK(reply.text == "hm");
  REQUIRE(world.asked[2].tool_choice);
  CHECK(world.asked[2].tool_choice->mode == ToolChoice::Mode::none);
}

TEST_CASE("a call at the only step comes back", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"double_it"}}});
  world.request.tool_rules.max_steps = 1;
  const Reply reply = world.generate().value();
  CHECK(reply.tool_calls.size() == 1);
  CHECK(reply.notices.size() == 1);
  CHECK(world.asked.size() == 1);
}

TEST_CASE("a forced choice holds for the first step only", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"double_it"}}, {.text = "done"}});
  world.request.tool_choice = ToolChoice{.mode = ToolChoice::Mode::named, .name = "double_it"};
  REQUIRE(world.generate());
  CHECK(world.asked[0].tool_choice->mode == ToolChoice::Mode::named);
  CHECK(world.asked[1].tool_choice->mode == ToolChoice::Mode::automatic);
}

TEST_CASE("a required call that does not come is asked for once more, freely, and that is said", "[tools]") {
  LoopWorld world(std::vector<Step>{{.text = "no"}, {.text = "still no"}});
  world.request.tool_choice = ToolChoice{.mode = ToolChoice::Mode::required};
  const Reply reply = world.generate().value();
  CHECK(reply.text == "still no");
  CHECK(reply.notices.size() == 1);
  CHECK(world.asked.size() == 2);
  const auto proceed = [](const Delta&) { return Flow::proceed; };
  CHECK(world.generate(proceed).value().notices.size() == 1);
  CHECK(world.asked.size() == 3);  // it had been seen
}

TEST_CASE("what an approval throws ends the generation and reaches the caller", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"double_it"}}});
  world.request.tool_rules.approve = [](const PendingToolCall&) -> Approval {
    throw std::runtime_error("not mine to grant");
  };
  CHECK_THROWS_WITH(world.generate(), "not mine to grant");
  CHECK(world.generate_async({}).error().message == "a callback threw \"not mine to grant\"");
}

TEST_CASE("a callback that stops while tools ran keeps a history that servers accept", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"double_it"}}, {.text = "never"}});
  const Reply reply = world
                          .generate([](const Delta& delta) {
                            return delta.kind == Delta::Kind::tool_result ? Flow::stop : Flow::proceed;
                          })
                          .value();
  CHECK(reply.finish == Finish::cancelled);
  CHECK(describe(reply.messages) == "assistant( double_it#call00000) tool(42 for call00000) ");
}

TEST_CASE("cancelling reaches a tool that runs", "[tools]") {
  const bool async = GENERATE(false, true);
  LoopWorld world(std::vector<Step>{{.calls = {"wait"}}});
  std::stop_source source;
  world.request.stop = source.get_token();
  world.request.tools.add("wait", "Waits", {param("n")}, [&](int, const CallContext& context) {
    source.request_stop();
    wait_for_cancel(context);
  });
  const Result<Reply> reply = async ? world.generate_async({}) : world.generate();
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::cancelled);
}

TEST_CASE("a step that fails is repeated without running its tools again, when nobody watched", "[tools]") {
  LoopWorld world(std::vector<Step>{{.calls = {"count"}}, {.text = "done"}});
  world.fail_at = 2;
  std::atomic<int> runs = 0;
  world.request.tools.add("count", "Counts", {param("n")}, [&](int) { return ++runs; });
  SECTION("unwatched") {
    const Reply reply = world.generate().value();
    CHECK(reply.text == "done");
    CHECK(reply.steps == 2);
    CHECK(world.asked.size() == 3);
  }
  SECTION("watched") {
    CHECK(world.generate([](const Delta&) { return Flow::proceed; }).error().code == ErrorCode::model_lost);
    CHECK(world.asked.size() == 2);
  }
  CHECK(runs == 1);
}
