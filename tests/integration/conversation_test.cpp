// SPDX-License-Identifier: MIT
// Conversations as an application has them: the echo counts each word as a token, the simulator calls tools.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Runtime echo_runtime() {
  return Runtime::with({.plugin = "echo", .base_url = "", .model = "echo::echo-small"}).value();
}

std::string described(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) {
    text += std::string(to_string(message.role)) + "(" + message.text;
    for (const ToolCall& call : message.tool_calls) text += " !" + call.id;
    text += message.tool_call_id.empty() ? ") " : " ?" + message.tool_call_id + ") ";
  }
  return text;
}

/// A model that calls two tools at once, then answers.
struct Caller {
  const Simulator simulator{
      "replies:\n"
      "  - {when: {contains: look, tool_results: 0}, text: Well, tool_calls: [{name: eye, arguments: {}, id: "
      "c1}, "
      "{name: ear, arguments: {}, id: c2}]}\n"
      "  - {when: {contains: look}, text: seen}\n"
      "  - {when: {contains: ponder}, reasoning: it is so, text: indeed}\n"
      "  - {when: {contains: thanks}, text: welcome}\n"};
  Runtime runtime = Runtime::with({.base_url = simulator.base_url(), .model = "openai/gpt-oss-20b"}).value();

  std::string last_history() const {
    Value last;
    const Value state = simulator.state();
    for (const Value& request : state["requests"].elements())
      if (request["path"].as_string().ends_with("/chat/completions")) last = request["body"]["messages"];
    std::string text;
    for (const Value& message : last.elements()) {
      text += std::string(message["role"].as_string()) + "(" + std::string(message["content"].as_string());
      for (const Value& call : message["tool_calls"].elements())
        text += " !" + std::string(call["id"].as_string());
      const std::string_view answers = message["tool_call_id"].as_string();
      text += answers.empty() ? ") " : " ?" + std::string(answers) + ") ";
    }
    return text;
  }
};

ToolKit senses() {
  ToolKit kit;
  kit.add("eye", "Looks", {}, [] { return std::string("a cat"); });
  kit.add("ear", "Listens", {}, [] { return std::string("a purr"); });
  return kit;
}

}  // namespace

TEST_CASE("a conversation goes on in another runtime as it was saved", "[conversation]") {
  const TempDir folder;
  const std::string file = (folder.path() / "talk.jsonl").string();
  std::string history;
  {
    Runtime runtime = echo_runtime();
    Conversation talk(runtime, "echo::echo-large", "be kind");
    talk.settings.max_tokens = 50;
    talk.token_budget = 1000;
    REQUIRE(talk.send("one two"));
    REQUIRE(talk.save(file));
    history = described(talk.messages());
  }
  Runtime runtime = echo_runtime();
  Conversation talk = Conversation::restore(runtime, file).value();
  CHECK(described(talk.messages()) == history);
  CHECK(talk.model() == "echo::echo-large");
  CHECK(talk.settings.max_tokens == 50);
  CHECK(talk.token_budget == 1000);
  CHECK(talk.file().empty());
  const Reply reply = talk.send("three").value();
  CHECK(reply.model == "echo-large");
  CHECK(reply.usage.prompt_tokens == 2 + 2 + 2 + 1);
  CHECK(described(Conversation::restore(runtime, file).value().messages()) ==
        history);  // it stayed as it was
}

TEST_CASE("a conversation that is kept in a file has each turn there when it has ended", "[conversation]") {
  const TempDir folder;
  const std::string file = (folder.path() / "talk.jsonl").string();
  Runtime runtime = echo_runtime();
  const auto kept = [&] { return described(Conversation::restore(runtime, file).value().messages()); };
  Conversation talk(runtime, {}, "be kind");
  REQUIRE(talk.keep_in(file));
  CHECK(kept() == "system(be kind) ");
  REQUIRE(talk.send("one"));
  CHECK(kept() == "system(be kind) user(one) assistant(one) ");
  REQUIRE(!talk.send({user("fails"), assistant("no")}));
  talk.set_system("be brief");
  CHECK(kept() == "system(be brief) user(one) assistant(one) ");
  REQUIRE(talk.use_model("echo-large"));
  talk.settings.max_tokens = 1;
  REQUIRE(talk.send("two words"));
  CHECK(kept() == "system(be brief) user(one) assistant(one) user(two words) assistant(two) ");
  CHECK(Conversation::restore(runtime, file).value().model() == "echo-large");
  CHECK(Conversation::restore(runtime, file).value().settings.max_tokens == 1);

  Conversation other = talk.fork();
  CHECK(other.file().empty());
  CHECK(Conversation::resume(runtime, file).error().detail["in_use"].as_bool());
  CHECK(other.save(file).error().detail["in_use"].as_bool());
  CHECK(other.keep_in(file).error().detail["exists"].as_bool());
  REQUIRE(talk.save(file));  // its own
  talk.reset();
  CHECK(kept() == "system(be brief) ");
  { const Conversation ended = std::move(talk); }
  CHECK(Conversation::resume(runtime, file).value().file() == file);
}

TEST_CASE("what can't be written is said with the turn, and written with the next", "[conversation]") {
  const TempDir folder;
  const std::string file = folder.write("sub/talk.jsonl", "");
  std::filesystem::remove(file);
  Runtime runtime = echo_runtime();
  Conversation talk(runtime);
  REQUIRE(talk.keep_in(file));
  std::filesystem::rename(folder.path() / "sub", folder.path() / "away");
  const Reply reply = talk.send("one").value();
  REQUIRE(reply.notices.size() == 1);
  CHECK_THAT(reply.notices[0], StartsWith("this turn is not saved: can't write '" + file + "'"));
  CHECK_FALSE(talk.unwritten().empty());
  CHECK(talk.messages().size() == 2);
  std::filesystem::rename(folder.path() / "away", folder.path() / "sub");
  CHECK(talk.send("two").value().notices.empty());
  CHECK(talk.unwritten().empty());
  CHECK(Conversation::restore(runtime, file).value().messages().size() == 4);
}

TEST_CASE("a fork and the conversation that it is of go different ways", "[conversation]") {
  Runtime runtime = echo_runtime();
  std::optional<Conversation> talk(std::in_place, runtime, "", "be kind");
  talk->settings.max_tokens = 9;
  REQUIRE(talk->send("one"));
  Conversation fork = talk->fork();
  REQUIRE(fork.send("two"));
  fork.settings.max_tokens = 3;
  CHECK(talk->settings.max_tokens == 9);
  CHECK(described(talk->messages()) == "system(be kind) user(one) assistant(one) ");
  talk->reset();
  talk.reset();
  CHECK(described(fork.messages()) == "system(be kind) user(one) assistant(one) user(two) assistant(two) ");
  CHECK(fork.send("three"));
}

TEST_CASE("beyond the token budget the oldest turns are not sent, and the history keeps them",
          "[conversation]") {
  Runtime runtime = echo_runtime();
  Conversation talk(runtime, {}, "be kind");
  talk.token_budget = 10;
  for (int turn = 0; turn < 5; ++turn) {
    const Reply reply = talk.send("two words").value();
    // 2 of the system prompt, 4 of each turn before, 2 of this one
    CHECK(reply.usage.prompt_tokens == (turn == 0 ? 4 : turn == 1 ? 8 : 8));
    CHECK(talk.left_out() == static_cast<std::size_t>(turn < 2 ? 0 : turn - 1));
    if (turn < 2)
      CHECK(reply.notices.empty());
    else
      CHECK(reply.notices ==
            std::vector<std::string>{
                "the oldest " + std::to_string(turn - 1) + " of " + std::to_string(turn + 1) +
                " turns were not sent: the prompt has 8 tokens (reported: echo) of the 10 that the token "
                "budget allows"});
  }
  CHECK(talk.messages().size() == 11);

  const auto refused = talk.send("one two three four five six seven eight nine");
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::context_too_long);
  CHECK(refused.error().detail["tokens"]["value"].as_integer() == 11);
  CHECK(talk.messages().size() == 11);

  talk.token_budget.reset();
  CHECK(talk.send("now").value().usage.prompt_tokens == 2 + 5 * 4 + 1);
}

TEST_CASE("calls of tools and their results are turns of the history, and stay together", "[conversation]") {
  Caller caller;
  Conversation talk(caller.runtime);
  talk.tools = senses();
  REQUIRE(talk.send("look"));
  CHECK(described(talk.messages()) ==
        "user(look) assistant(Well !c1 !c2) tool(a cat ?c1) tool(a purr ?c2) assistant(seen) ");
  talk.token_budget = 1000;
  REQUIRE(talk.send("thanks"));
  CHECK(caller.last_history() ==
        "user(look) assistant(Well !c1 !c2) tool(a cat ?c1) tool(a purr ?c2) assistant(seen) user(thanks) ");
  // the system prompt, the tools and the last turn need some; what the tools returned goes with its turn
  for (std::int64_t budget = 1000; budget > 0; budget -= 20) {
    Conversation less = talk.fork();
    less.token_budget = budget;
    if (!less.send("thanks")) break;
    const std::string sent = caller.last_history();
    CHECK((sent.find("!c1") == sent.npos) == (sent.find("?c1") == sent.npos));
    CHECK(sent.ends_with("user(thanks) "));
  }
}

TEST_CASE("a turn that is stopped between a call and its result leaves no call open", "[conversation]") {
  Caller caller;
  Conversation talk(caller.runtime);
  talk.tools = senses();
  const auto stop_at = [](Delta::Kind kind) {
    return [kind](const Delta& delta) { return delta.kind == kind ? Flow::stop : Flow::proceed; };
  };
  CHECK(talk.stream("look", stop_at(Delta::Kind::tool_call)).value().finish == Finish::cancelled);
  CHECK(described(talk.messages()) ==
        "user(look) assistant(Well !c1 !c2) tool(not run ?c1) tool(not run ?c2) ");
  REQUIRE(talk.send("thanks"));
  CHECK(caller.last_history() ==
        "user(look) assistant(Well !c1 !c2) tool(not run ?c1) tool(not run ?c2) user(thanks) ");

  talk.reset();
  CHECK(talk.stream("look", stop_at(Delta::Kind::text)).value().finish == Finish::cancelled);
  CHECK(described(talk.messages()) == "user(look) assistant(Well) ");
  talk.reset();
  REQUIRE(talk.stream("look", stop_at(Delta::Kind::tool_result)));
  CHECK(described(talk.messages()) == "user(look) assistant(Well !c1 !c2) tool(a cat ?c1) tool(a purr ?c2) ");
}

TEST_CASE("what is stopped before a word was shown leaves the history as it was", "[conversation]") {
  Runtime runtime = echo_runtime();
  Conversation talk(runtime, {}, "be kind");
  CHECK(talk.stream("one two",
                    [](const Delta& delta) { return delta.text().empty() ? Flow::proceed : Flow::stop; })
            .value()
            .text == "one");
  CHECK(described(talk.messages()) == "system(be kind) user(one two) assistant(one) ");

  Caller caller;
  Conversation thinking(caller.runtime);
  REQUIRE(thinking.send("thanks"));
  const Reply stopped =
      thinking
          .stream("ponder",
                  [](const Delta& delta) { return delta.reasoning().empty() ? Flow::proceed : Flow::stop; })
          .value();
  CHECK(stopped.finish == Finish::cancelled);
  CHECK((stopped.channels.contains(Channel::thinking) || stopped.channels.contains(Channel::analysis)));
  CHECK(described(thinking.messages()) == "user(thanks) assistant(welcome) ");
}

TEST_CASE("what was shown before a stop was requested is kept, with the calls that were run",
          "[conversation]") {
  Runtime runtime = echo_runtime();
  Conversation talk(runtime);
  std::stop_source stop;
  const auto stop_after_one = [&](const Delta& delta) {
    if (!delta.text().empty()) stop.request_stop();
    return Flow::proceed;
  };
  CHECK(talk.stream("one two", stop_after_one, stop.get_token()).error().code == ErrorCode::cancelled);
  CHECK(described(talk.messages()) == "user(one two) assistant(one) ");
  CHECK_FALSE(talk.stream("three", stop_after_one, stop.get_token()));  // stopped before it began
  CHECK_FALSE(talk.send("three", stop.get_token()));
  CHECK(described(talk.messages()) == "user(one two) assistant(one) ");

  Caller caller;
  Conversation looking(caller.runtime);
  looking.tools = senses();
  std::stop_source looked;
  const auto stop_at_answer = [&](const Delta& delta) {
    if (delta.text() == "seen") looked.request_stop();
    return Flow::proceed;
  };
  CHECK(looking.stream("look", stop_at_answer, looked.get_token()).error().code == ErrorCode::cancelled);
  CHECK(described(looking.messages()) ==
        "user(look) assistant(Well !c1 !c2) tool(a cat ?c1) tool(a purr ?c2) assistant(seen) ");
}

TEST_CASE("a retry replaces the last answer, and a retry that fails leaves it", "[conversation]") {
  const TempDir folder;
  const Simulator simulator("replies: [{when: {contains: dice}, text: four}]\n");
  Runtime runtime =
      Runtime::with({.base_url = simulator.base_url(),
                     .policy = {.retry = {.attempts = 1}},
                     .cache = {.enabled = true, .file = (folder.path() / "answers.db").string()},
                     .model = "mistral-7b"})
          .value();
  Conversation talk(runtime, {}, "be kind");
  CHECK(talk.retry().error().message == "there is no question that could be answered once more");
  REQUIRE(talk.keep_in((folder.path() / "talk.jsonl").string()));
  REQUIRE(talk.send("Hello"));
  const std::string before = described(talk.messages());
  REQUIRE(talk.send("dice"));
  CHECK(described(talk.messages()) == before + "user(dice) assistant(four) ");
  simulator.play("replies: [{when: {contains: dice}, text: six}]\n");
  CHECK(talk.retry().value().text == "six");
  CHECK(described(talk.messages()) == before + "user(dice) assistant(six) ");
  CHECK(described(Conversation::restore(runtime, talk.file()).value().messages()) ==
        described(talk.messages()));
  simulator.play("faults: [{when: {contains: dice}, kind: status}]\n");
  CHECK_FALSE(talk.retry());
  CHECK(described(talk.messages()) == before + "user(dice) assistant(six) ");
}

TEST_CASE("a turn that fails leaves the history as it was, also after a part of its answer was shown",
          "[conversation]") {
  const Simulator simulator(
      "replies: [{when: {contains: lose}, text: one two three four}]\n"
      "faults: [{when: {contains: lose}, kind: close, after_tokens: 2}, {when: {contains: fail}, kind: "
      "status}]\n");
  Runtime runtime =
      Runtime::with(
          {.base_url = simulator.base_url(), .policy = {.retry = {.attempts = 1}}, .model = "mistral-7b"})
          .value();
  Conversation talk(runtime, {}, "be kind");
  REQUIRE(talk.send("Hello"));
  const std::string before = described(talk.messages());
  CHECK_FALSE(talk.send("fail"));
  std::string shown;
  const Result<Reply> lost = talk.stream("lose", [&](const Delta& delta) {
    shown += delta.text();
    return Flow::proceed;
  });
  CHECK_FALSE(lost);
  CHECK_FALSE(shown.empty());
  CHECK(described(talk.messages()) == before);
}

TEST_CASE("the caller answers the calls of its own tools in the next turn", "[conversation]") {
  Caller caller;
  Conversation talk(caller.runtime);
  talk.tools = {ToolSpec{.name = "eye"}, ToolSpec{.name = "ear"}};
  CHECK(talk.send("look").value().tool_calls.size() == 2);
  CHECK(described(talk.messages()) == "user(look) assistant(Well !c1 !c2) ");

  const auto stranger = talk.send({tool_result("c3", "a dog")});
  REQUIRE(!stranger);
  CHECK(stranger.error().message == "no call 'c3' waits for a result in this conversation");
  const auto twice = talk.send({tool_result("c1", "a"), tool_result("c1", "b")});
  CHECK(!twice);

  Conversation silent = talk.fork();
  REQUIRE(silent.send("thanks"));
  CHECK(caller.last_history() ==
        "user(look) assistant(Well !c1 !c2) tool(not run ?c1) tool(not run ?c2) user(thanks) ");
  CHECK(talk.send({tool_result("c2", "a dog")}).value().text == "seen");
  CHECK(caller.last_history() == "user(look) assistant(Well !c1 !c2) tool(a dog ?c2) tool(not run ?c1) ");
  CHECK(described(talk.messages()) ==
        "user(look) assistant(Well !c1 !c2) tool(a dog ?c2) tool(not run ?c1) assistant(seen) ");
}
