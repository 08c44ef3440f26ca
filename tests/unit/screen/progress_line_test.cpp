// SPDX-License-Identifier: MIT
#include "tools/tachikoma/progress_line.hpp"

#include "support/catch.hpp"
#include "tools/tachikoma/waiting_line.hpp"
#include "tools/tachikoma/width.hpp"

using namespace tachikoma;
using namespace tachikoma::cli;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("a line of progress has what fits, and the percentage always", "[screen][progress]") {
  CHECK(progress_line("loading small", 0.5, "about 9s left", 80) ==
        "loading small  ████████████░░░░░░░░░░░░  50 % · about 9s left");
  CHECK(progress_line("loading small", 0.5, "about 9s left", 50) ==
        "loading small  █████░░░░░  50 % · about 9s left");
  CHECK(progress_line("loading small", 0.5, "about 9s left", 40) == "loading small  50 % · about 9s left");
  CHECK(progress_line("loading a model with a long name", 0.5, "about 9s left", 30) ==
        "loading a mo…a long name  50 %");
  CHECK(progress_line("batch", {}, "4 of 9", 80) == "batch · 4 of 9");
  for (std::size_t room = 8; room < 90; ++room)
    CHECK(columns_of(progress_line("loading 日本語の模型", 0.07, "about 9s left", room)) <= room);
}

TEST_CASE("the time that is left is told once there is something to judge by", "[screen][progress]") {
  CHECK(time_left(10s, 0.5) == "about 10s left");
  CHECK(time_left(90s, 0.25) == "about 4m 30s left");
  CHECK(time_left(999ms, 0.5).empty());
  CHECK(time_left(10s, 0.01).empty());
  CHECK(time_left(10s, 1).empty());
}

TEST_CASE("what an answer waits for is what its deltas say", "[screen][progress]") {
  using Kind = Delta::Kind;
  WaitingFor waiting;
  const auto line = [&](std::chrono::milliseconds passed) { return waiting.line(passed, 80); };
  CHECK(line(500ms) == "waiting for the model");
  CHECK(line(61s) == "waiting for the model · 1m 1s");
  const Waiting queued{.ahead = 2, .waits_for = "lm::large"};
  CHECK(waiting.take({.kind = Kind::progress, .content = "queue", .waiting = &queued}));
  CHECK(line(0s) == "waiting for the model · 2 requests before · after lm::large");
  const Waiting next{.ahead = 1};
  waiting.take({.kind = Kind::progress, .content = "queue", .waiting = &next});
  CHECK(line(3s) == "waiting for the model · 1 request before · 3s");
  waiting.take({.kind = Kind::progress, .content = "load", .fraction = 0.4});
  CHECK(line(0s) == "loading the model  ██████████░░░░░░░░░░░░░░  40 %");
  waiting.take({.kind = Kind::progress, .content = "prompt", .fraction = 0.6});
  CHECK_THAT(line(2s), StartsWith("reading the prompt  ") && ContainsSubstring("  60 % · 2s"));
  waiting.take({.kind = Kind::progress, .content = "prompt", .fraction = 1});
  CHECK(line(0s) == "waiting for the answer");
  for (int i = 0; i < 120; ++i)
    waiting.take({.kind = Kind::reasoning, .channel = Channel::thinking, .content = "x"});
  CHECK(line(0s) == "thinking · ~120 tokens");
  const ToolCall call{.name = "get_\x1bweather"};
  waiting.take({.kind = Kind::tool_call, .call = &call});
  CHECK(line(0s) == "running get_␛weather");
  waiting.take({.kind = Kind::tool_result, .call = &call});
  CHECK(line(0s) == "waiting for the model");
  CHECK_FALSE(waiting.take({.kind = Kind::usage}));
}
