// SPDX-License-Identifier: MIT
#include "echo/echo_reply.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma;

namespace {

double likeness(const std::string& a, const std::string& b) {
  const std::vector<float> x = echo::embed(a), y = echo::embed(b);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += double{x[i]} * double{y[i]};
  return sum;
}

std::string refused(const ChatRequest& request) {
  const auto reply = echo::plan_reply(request, "");
  return reply ? "taken" : std::string(to_string(reply.error().code)) + ": " + reply.error().message;
}

}  // namespace

TEST_CASE("the echo's vectors have length one, and are the nearer the more words texts share", "[echo]") {
  CHECK(std::fabs(likeness("one two", "one two") - 1) < 1e-5);
  CHECK(std::fabs(likeness("one two", " two  one\n") - 1) < 1e-5);
  CHECK(likeness("one two", "one three") > likeness("one two", "four five") + 0.2);
  CHECK(std::fabs(likeness("", "") - 1) < 1e-5);
  CHECK(std::fabs(likeness("  ", "") - 1) < 1e-5);
  CHECK(echo::embed("one").size() == echo::kEmbeddingLength);
}

TEST_CASE("the echo counts the words of all messages", "[echo]") {
  CHECK(echo::count_prompt(
            {.model = "m", .messages = {{Role::system, "Be brief"}, {Role::user, " a  b "}}}) == 4);
  CHECK(echo::count_prompt({.model = "m", .messages = {{Role::user, ""}}}) == 0);
}

TEST_CASE("the echo refuses what it can't see or apply", "[echo]") {
  ChatRequest request{.model = "m", .messages = {{Role::user, "Hi"}}};
  CHECK(refused(request) == "taken");
  request.messages[0].images = {{"image/png", "x"}};
  CHECK(refused(request) == "unsupported: provider 'echo' can't see images");
  request.messages[0].images.clear();
  request.response_schema = Value::object({{"type", "object"}});
  CHECK(refused(request) == "unsupported: provider 'echo' can't apply 'response_schema': it samples nothing");
  request.response_schema = {};
  for (const auto& [settings, name] :
       {std::pair{GenerationSettings{.logit_bias = {{1, 2}}}, "logit_bias"},
        std::pair{GenerationSettings{.draft_model = "x"}, "draft_model"},
        std::pair{GenerationSettings{.ttl = std::chrono::seconds(1)}, "ttl"}}) {
    request.settings = settings;
    CHECK(refused(request) ==
          std::string("unsupported: provider 'echo' can't apply '") + name + "': it samples nothing");
  }
}
