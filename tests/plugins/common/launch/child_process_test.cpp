// SPDX-License-Identifier: MIT
#include "common/launch/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <future>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/resources.hpp"
#include "support/test_host.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using kit::ChildCommand;
using kit::ChildProcess;
using namespace std::chrono_literals;

namespace {

constexpr auto kLong = 20s;

ChildCommand shell(const std::string& script) { return {.argv = {"sh", "-c", script}}; }

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// The first line that a program writes.
struct FirstLine {
  std::promise<std::string> heard;
  std::future<std::string> line = heard.get_future();
  bool done = false;

  ChildProcess::OnLine hear() {
    return [this](std::string_view text) {
      if (!std::exchange(done, true)) heard.set_value(std::string(text));
    };
  }
  std::string get() {
    REQUIRE(line.wait_for(kLong) == std::future_status::ready);
    return line.get();
  }
};

kit::ChildEnd end_of(const ChildProcess& child) {
  TestCancellation never;
  REQUIRE(child.wait_for_end(kLong, never));
  return *child.end();
}

}  // namespace

TEST_CASE("A program's lines are heard, from both of its outputs, and how it ended") {
  std::vector<std::string> lines;
  auto child =
      ChildProcess::start(shell("echo one; printf 'two\\nthree' >&2; exit 3"), [&](std::string_view line) {
        lines.emplace_back(line);
      }).value();
  CHECK(to_text(end_of(*child)) == "exit code 3");
  CHECK(lines == std::vector<std::string>{"one", "two", "three"});
  CHECK(child->last_lines() == "one\ntwo\nthree");
}

TEST_CASE("A program that dies by a signal is said to") {
  auto child = ChildProcess::start(shell("kill -SEGV $$")).value();
  CHECK(to_text(end_of(*child)) == "signal 11 (Segmentation fault)");
}

TEST_CASE("A program that can't be run is named, with the reason") {
  const auto missing = ChildProcess::start({.argv = {"/nowhere/llama-server"}});
  CHECK(missing.error().message == "'/nowhere/llama-server' can't be run (no such file or directory)");
  const auto folder = ChildProcess::start({.argv = {"/tmp"}});
  CHECK(folder.error().message == "'/tmp' can't be run (permission denied)");
}

TEST_CASE("A program sees our environment with its own variables on top") {
  ::setenv("TACHIKOMA_TEST_OURS", "ours", 1);
  ::setenv("TACHIKOMA_TEST_BOTH", "ours", 1);
  FirstLine first;
  ChildCommand command = shell("echo $TACHIKOMA_TEST_OURS $TACHIKOMA_TEST_BOTH $TACHIKOMA_TEST_ITS");
  command.environment = {{"TACHIKOMA_TEST_BOTH", "its"}, {"TACHIKOMA_TEST_ITS", "its"}};
  const auto child = ChildProcess::start(command, first.hear()).value();
  CHECK(first.get() == "ours its its");
}

TEST_CASE("Destroying it ends the program with everything that it started") {
  FirstLine first;
  auto child = ChildProcess::start(shell("sleep 1000 & echo $!; wait"), first.hear()).value();
  const pid_t program = child->pid();
  const pid_t grandchild = std::stoi(first.get());
  CHECK_FALSE(is_gone(grandchild));
  child.reset();
  CHECK(is_gone(program));
  CHECK(is_gone(grandchild));
}

TEST_CASE("What a program leaves behind when it ends is ended too") {
  FirstLine first;
  auto child =
      ChildProcess::start(shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!"), first.hear()).value();
  const pid_t left = std::stoi(first.get());
  CHECK(to_text(end_of(*child)) == "exit code 0");
  CHECK(is_gone(left));
}

TEST_CASE("What a program leaves behind stays where that is its purpose") {
  FirstLine first;
  ChildCommand command = shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!");
  command.keep_all = false;
  auto child = ChildProcess::start(command, first.hear()).value();
  const pid_t left = std::stoi(first.get());
  CHECK(to_text(end_of(*child)) == "exit code 0");
  CHECK_FALSE(is_gone(left));
  child.reset();
  CHECK(::kill(left, SIGKILL) == 0);
}

TEST_CASE("A program is asked to end with its signal, and killed when it does not") {
  FirstLine first;
  ChildCommand command = shell("trap 'echo bye; exit 7' INT; echo ready; while :; do sleep 0.01; done");
  command.stop_signal = SIGINT;
  auto polite = ChildProcess::start(command, first.hear()).value();
  first.get();
  polite->stop();
  CHECK(to_text(end_of(*polite)) == "exit code 7");
  CHECK(polite->last_lines() == "ready\nbye");

  FirstLine second;
  ChildCommand stubborn = shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  stubborn.stop_time = 50ms;
  auto deaf = ChildProcess::start(stubborn, second.hear()).value();
  second.get();
  deaf->stop();
  CHECK(to_text(end_of(*deaf)) == "signal 9 (Killed)");
}

TEST_CASE("Waiting for a program's end ends when the call is cancelled") {
  auto child = ChildProcess::start(shell("sleep 1000")).value();
  TestCancellation cancellation;
  auto waiting = std::async(std::launch::async, [&] { return child->wait_for_end(kLong, cancellation); });
  cancellation.request();
  REQUIRE(waiting.wait_for(kLong) == std::future_status::ready);
  CHECK_FALSE(waiting.get());
}

TEST_CASE("A program whose keeper is killed dies with it") {
  auto child = ChildProcess::start(shell("echo $PPID; exec sleep 1000")).value();
  const pid_t program = child->pid();
  REQUIRE(comes_true(kLong, [&] { return !child->last_lines().empty(); }));
  REQUIRE(::kill(std::stoi(child->last_lines()), SIGKILL) == 0);
  CHECK(to_text(end_of(*child)) == "signal 9 (Killed)");
  CHECK(comes_true(kLong, [&] { return is_gone(program); }));
}

TEST_CASE("A hundred programs leave no descriptor, no thread and no process") {
  ChildProcess::start(shell("exit 0")).value();  // what the library keeps for good
  const Resources before;
  std::vector<pid_t> pids;
  for (int i = 0; i < 100; ++i) pids.push_back(ChildProcess::start(shell("sleep 1000")).value()->pid());
  CHECK(Resources::settled(before) == before);
  for (const pid_t pid : pids) CHECK(is_gone(pid));
}
