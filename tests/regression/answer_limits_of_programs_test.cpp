// SPDX-License-Identifier: MIT
// The limits that a program gave in `Settings::policy.answer` were dropped: its answers had the defaults.
#include "support/catch.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a program's limits of an answer are checked and used as a file's are", "[runtime]") {
  const auto with = [](AnswerLimits answer) {
    return Runtime::with(
        {.plugin = "echo", .base_url = "", .policy = {.answer = answer}, .model = "echo::echo-small"});
  };
  Runtime runtime = with({.text = 3, .reasoning = 1 << 30, .arguments = 20'000'001, .tool_calls = 7}).value();
  const AnswerLimits& used = runtime.config().policy.answer;
  CHECK(used.text == 3);
  CHECK(used.reasoning == 1 << 30);
  CHECK(used.arguments == 20'000'001);
  CHECK(used.tool_calls == 7);
  const Result<Reply> reply = runtime.generate_text({.messages = {user("one two three")}});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::limit_exceeded);

  const Result<Runtime> refused = with({.tool_calls = 0});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "settings: policy.answer.tool_calls: '0' is out of range: expected 1 to 1000000");
}
