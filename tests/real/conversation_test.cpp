// SPDX-License-Identifier: MIT
// A conversation with a tool that is saved, restored in a new runtime, and sent in part: a real server
// renders it, and its own count of the prompt shows what it was sent.
#include <string>

#include "real/llama_server.hpp"
#include "support/catch.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

ToolKit lamp() {
  ToolKit kit;
  kit.add("set_level", "Sets the level", {param("level", "In lumen")},
          [](int level) { return "the level is " + std::to_string(level); });
  return kit;
}

std::int64_t prompt_tokens(const Reply& reply) { return reply.usage.prompt_tokens.value(); }

}  // namespace

TEST_CASE("a saved conversation with a tool goes on in a new runtime, within its token budget", "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"caller", {"--calls-tools", "--seed", "2"}}});
  const TempDir folder;
  const std::string config = openai_config(folder, server.port(), 600);
  const std::string file = (folder.path() / "talk.jsonl").string();
  std::size_t saved = 0;
  {
    Runtime runtime = Runtime::open(config).value();
    Conversation talk(runtime, "caller", "You control a lamp.");
    talk.tools = lamp();
    talk.tool_choice = ToolChoice{ToolChoice::Mode::required};
    talk.tool_rules.max_steps = 2;  // a model of noise never stops calling by itself
    talk.settings.seed = 1;
    REQUIRE(talk.keep_in(file));
    for (const char* order : {"Set the level", "Set it higher"}) talk.send(order).value();
    bool called = false;
    for (const Message& message : talk.messages()) called |= !message.tool_calls.empty();
    CHECK(called);
    saved = talk.messages().size();
  }

  Runtime runtime = Runtime::open(config).value();
  Conversation talk = Conversation::resume(runtime, file).value();
  CHECK(talk.messages().size() == saved);
  CHECK(talk.settings.seed == 1);
  talk.settings.max_tokens = 40;  // a model of noise goes on for as long as it may
  for (int turn = 0; turn < 4; ++turn) talk.send("And now?").value();
  const std::int64_t whole = prompt_tokens(talk.send("And now?").value());

  talk.token_budget = whole / 2;
  const Reply less = talk.send("And now?").value();
  CHECK(prompt_tokens(less) <= whole / 2);
  CHECK(talk.left_out() > 0);
  INFO(less.notices.at(0));
  CHECK_THAT(less.notices.at(0), ContainsSubstring("the prompt has " + std::to_string(prompt_tokens(less)) +
                                                   " tokens (reported: local)"));
  // one turn more would have been too much, as the server counts it
  TextRequest more{.model = talk.model(), .messages = {talk.messages().front()}, .settings = talk.settings};
  std::size_t turns = 0;
  for (std::size_t i = 1; i + 2 < talk.messages().size(); ++i) {
    turns += talk.messages()[i].role == Role::user;
    if (turns >= talk.left_out()) more.messages.push_back(talk.messages()[i]);
  }
  more.messages.push_back(user("And now?"));
  CHECK(runtime.count_tokens(more).value().value > whole / 2);

  talk.token_budget = 5;
  const std::size_t before = talk.messages().size();
  const auto refused = talk.send("And now?");
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::context_too_long);
  CHECK(talk.messages().size() == before);
  CHECK(Conversation::restore(runtime, file).value().messages().size() == before);
}
