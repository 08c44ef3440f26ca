// SPDX-License-Identifier: MIT
#include "sessions/token_budget.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// A server that counts the bytes of the texts, and how often it was asked.
struct Counter {
  int asked = 0;
  bool works = true;
  sessions::CountTokens count = [this](const TextRequest& request) -> Result<Sourced<std::int64_t>> {
    ++asked;
    if (!works) return Error(ErrorCode::unsupported, "the server can't count");
    std::int64_t tokens = 0;
    for (const Message& message : request.messages) tokens += static_cast<std::int64_t>(message.text.size());
    return Sourced<std::int64_t>{tokens, Source::reported, "test"};
  };
};

// A system prompt of one token, then turns of ten each: a question, and an answer that came of a tool.
TextRequest turns(int number) {
  TextRequest request{.messages = {system_prompt("s")}};
  for (int turn = 0; turn < number; ++turn) {
    const std::string id = std::to_string(turn);
    request.messages.push_back(user("abc"));
    request.messages.push_back({.role = Role::assistant, .text = "d", .tool_calls = {{id, "f", "{}"}}});
    request.messages.push_back(tool_result(id, "ef"));
    request.messages.push_back(assistant("ghij"));
  }
  request.messages.push_back(user("question"));
  return request;
}

std::string shape(const TextRequest& request) {
  std::string all;
  for (const Message& message : request.messages) all += to_string(message.role).front();
  return all;
}

}  // namespace

TEST_CASE("a prompt within the budget is sent whole, and counted once", "[conversation]") {
  Counter server;
  TextRequest request = turns(3);
  const sessions::Fit fit = sessions::fit(request, 39, 0, server.count).value();
  CHECK(fit.left_out == 0);
  CHECK(fit.tokens == Sourced<std::int64_t>{39, Source::reported, "test"});
  CHECK(shape(request) == "suatauatauatau");
  CHECK(server.asked == 1);
  CHECK(sessions::describe(fit, 39).empty());
}

TEST_CASE("whole turns go, oldest first, and as few as possible", "[conversation]") {
  for (std::int64_t budget = 9; budget < 39; ++budget) {
    Counter server;
    TextRequest request = turns(3);
    INFO(budget);
    const sessions::Fit fit = sessions::fit(request, budget, 0, server.count).value();
    const auto kept = static_cast<std::size_t>((budget - 9) / 10);
    REQUIRE(fit.left_out == 3 - kept);
    REQUIRE(fit.turns == 4);
    REQUIRE(fit.tokens.value == static_cast<std::int64_t>(9 + 10 * kept));
    std::string expected = "s";
    for (std::size_t turn = 0; turn < kept; ++turn) expected += "uata";
    REQUIRE(shape(request) == expected + "u");
  }
}

TEST_CASE("the right turns go whatever was expected, with two counts if that was right", "[conversation]") {
  for (std::size_t expected = 0; expected < 120; ++expected) {
    Counter server;
    TextRequest request = turns(100);
    INFO(expected);
    REQUIRE(sessions::fit(request, 9 + 10 * 30, expected, server.count).value().left_out == 70);
    REQUIRE(server.asked <= (expected == 70 || expected == 69 ? 3 : 9));
    if (expected == 70) REQUIRE(server.asked == 2);
  }
}

TEST_CASE("a last turn that is too long is an error with numbers, and nothing is sent", "[conversation]") {
  Counter server;
  TextRequest request = turns(3);
  const auto fit = sessions::fit(request, 8, 0, server.count);
  REQUIRE(!fit);
  CHECK(fit.error().code == ErrorCode::context_too_long);
  CHECK(fit.error().message ==
        "the last turn, with the system prompt and the tools, has 9 tokens (reported: test); the token "
        "budget is 8");
  CHECK(fit.error().detail["tokens"]["value"].as_integer() == 9);
  CHECK(fit.error().detail["token_budget"].as_integer() == 8);
  CHECK(sessions::fit(request, 0, 0, server.count).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("where the server can't count, it is asked once, and the estimate says so", "[conversation]") {
  Counter server;
  server.works = false;
  TextRequest request = turns(3);
  const sessions::Fit fit = sessions::fit(request, 60, 0, server.count).value();
  CHECK(server.asked == 1);
  CHECK(fit.left_out == 2);
  CHECK(fit.tokens.source == Source::estimated);
  CHECK(sessions::describe(fit, 60) ==
        "the oldest 2 of 4 turns were not sent: the prompt has 56 tokens (estimated: from 22 bytes of text, "
        "6 messages and "
        "0 images, because they can't be counted: the server can't count) of the 60 that the token budget "
        "allows");
}

TEST_CASE("a count that is cancelled ends the turn", "[conversation]") {
  TextRequest request = turns(3);
  const auto fit = sessions::fit(request, 5, 0, [](const TextRequest&) -> Result<Sourced<std::int64_t>> {
    return Error(ErrorCode::cancelled, "stopped");
  });
  REQUIRE(!fit);
  CHECK(fit.error().code == ErrorCode::cancelled);
}
