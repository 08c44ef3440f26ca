// SPDX-License-Identifier: MIT
// A server that is killed, in each state that it can be in: the call says so, the model is no longer there,
// and the next call loads it anew.
#include <atomic>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "real/launched_world.hpp"
#include "real/running.hpp"
#include "support/catch.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kLost[] = "'alpha' was lost: its llama-server ended with signal 9 (Killed)";

void kill_servers(const LaunchedWorld& world) {
  for (const pid_t pid : world.servers()) ::kill(pid, SIGKILL);
}

bool is_loaded(Runtime& runtime, const std::string& model) {
  for (const auto& entry : runtime.loaded_models().models)
    if (entry.status.instance == model) return true;
  return false;
}

bool is_busy(Runtime& runtime, const std::string& model) {
  const Result<ModelStatus> status = runtime.model_status(model);
  return status && status->activity.value == Activity::generating;
}

template <class T>
void check_lost(const Result<T>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::model_lost);
  CHECK(result.error().message == kLost);
  CHECK_THAT(result.error().hint, StartsWith("ask again: it will be loaded again"));
}

void check_gone_and_loaded_anew(const LaunchedWorld& world, Runtime& runtime) {
  CHECK_FALSE(is_loaded(runtime, "alpha"));
  CHECK(runtime.model_status("alpha").value().state == ModelState::not_loaded);
  const Result<Reply> again =
      runtime.generate_text({.messages = {user("Hello")}, .settings = {.max_tokens = 4}});
  INFO((again ? "" : again.error().message));
  CHECK(again);
  CHECK(is_loaded(runtime, "alpha"));
  CHECK(world.servers().size() == 1);
}

/// True when somebody has sent a request to this port that nobody has read yet.
bool is_unread(const std::string& port) {
  char local[16];
  std::snprintf(local, sizeof local, ":%04X", std::stoi(port));
  std::ifstream table("/proc/net/tcp");
  std::string number, here, there, state, queues, rest;
  std::getline(table, rest);
  while (table >> number >> here >> there >> state >> queues && std::getline(table, rest))
    if (here.ends_with(local) && state == "01" && !queues.ends_with(":00000000")) return true;
  return false;
}

/// True when no thread of it runs any more: one that was told to stop goes on for a moment, and may end.
bool is_stopped(pid_t pid) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream in(task.path() / "status");
    const std::string status(std::istreambuf_iterator<char>(in), {});
    if (!status.empty() && status.find("State:\tT") == std::string::npos) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("A server that is killed while it loads a model is told at once", "[real][llamacpp][lost]") {
  const LaunchedWorld world({{"alpha"}});
  const std::string pipe = world.pipe();
  std::atomic<bool> killed{false};
  const auto kill_at = [&](std::string_view line, std::string_view words) {
    if (line.find(words) != std::string_view::npos && !killed.exchange(true)) kill_servers(world);
  };
  std::string words, server;
  LoadSettings settings;
  SECTION("its process is there, and no more") {
    server = world.script("late", "#!/bin/sh\ncase \"$*\" in *--alias*) [ -e " + pipe + ".not ] || { : >" +
                                      pipe + ".not; echo it waits; read -r line <" + pipe +
                                      "; };; esac\nexec '{real}' \"$@\"\n");
    words = "it waits";
  }
  SECTION("it has begun to read the file") {
    words = "load_tensors";
    settings.extra = Value::object({{"lora", pipe}});  // it can't be done before it is killed
  }
  Runtime runtime =
      world.open({.server = server,
                  .log = [&](Severity, std::string_view, std::string_view line) { kill_at(line, words); }});
  const Result<LoadedModel> loaded = runtime.load_model("alpha", settings);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == ErrorCode::model_lost);
  CHECK(loaded.error().message == "'alpha' can't be loaded: its llama-server ended with signal 9 (Killed)");
  CHECK_FALSE(loaded.error().hint.empty());
  CHECK(world.servers().empty());
  check_gone_and_loaded_anew(world, runtime);
}

TEST_CASE("A server that is killed while nobody asks it is no longer there", "[real][llamacpp][lost]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open();
  REQUIRE(runtime.load_model("alpha"));
  kill_servers(world);
  CHECK(comes_true(20s, [&] { return !is_loaded(runtime, "alpha"); }));
  check_gone_and_loaded_anew(world, runtime);
}

TEST_CASE("A server that is killed while it answers is a lost model", "[real][llamacpp][lost]") {
  const LaunchedWorld world({tireless("alpha")});
  Runtime runtime = world.open();
  REQUIRE(runtime.load_model("alpha"));
  SECTION("to a stream") {
    check_lost(runtime.stream_text({.messages = {user("Hello")}, .settings = {.max_tokens = 30000}},
                                   [&](const Delta&) {
                                     kill_servers(world);
                                     return Flow::proceed;
                                   }));
  }
  SECTION("to a call that waits for the whole") {
    auto reply = std::async(std::launch::async, [&] {
      return runtime.generate_text({.messages = {user("Hello")}, .settings = {.max_tokens = 30000}});
    });
    CHECK(comes_true(20s, [&] { return is_busy(runtime, "alpha"); }));
    kill_servers(world);
    check_lost(reply.get());
  }
  SECTION("and reads a long prompt") {
    auto reply = std::async(std::launch::async, [&] {
      return runtime.generate_text(
          {.messages = {user(std::string(20000, 'x'))}, .settings = {.max_tokens = 1}});
    });
    CHECK(comes_true(20s, [&] { return is_busy(runtime, "alpha"); }));
    kill_servers(world);
    check_lost(reply.get());
  }
  SECTION("to several at once") {
    std::vector<Running> running(4);
    for (Running& each : running) each.start(runtime, "alpha");
    for (Running& each : running) each.wait_until_begun();
    kill_servers(world);
    for (Running& each : running) check_lost(each.end());
  }
  SECTION("and is asked to count tokens") {
    const pid_t server = world.servers().at(0);
    ::kill(server, SIGSTOP);
    REQUIRE(comes_true(20s, [&] { return is_stopped(server); }));
    const std::string port = value_after(command_line(server), "--port");
    auto count = std::async(std::launch::async, [&] { return runtime.count_tokens("alpha", "Hello"); });
    CHECK(comes_true(20s, [&] { return is_unread(port); }));
    kill_servers(world);
    check_lost(count.get());
  }
  SECTION("and its keeper is killed, which takes it along") {
    Running running;
    running.start(runtime, "alpha");
    running.wait_until_begun();
    ::kill(parent_of(world.servers().at(0)), SIGKILL);
    check_lost(running.end());
  }
  CHECK(world.servers().empty());
  check_gone_and_loaded_anew(world, runtime);
}

TEST_CASE("One of two servers is killed, and the other goes on", "[real][llamacpp][lost]") {
  const LaunchedWorld world({tireless("alpha"), tireless("beta")});
  Runtime runtime = world.open();
  Running alpha, beta;
  alpha.start(runtime, "local::alpha");
  beta.start(runtime, "local::beta", 300);
  alpha.wait_until_begun();
  beta.wait_until_begun();
  for (const pid_t pid : world.servers())
    if (value_after(command_line(pid), "--alias") == "alpha") ::kill(pid, SIGKILL);
  check_lost(alpha.end());
  const Result<Reply> reply = beta.end();
  REQUIRE(reply);
  CHECK(reply->usage.completion_tokens == 300);
  CHECK(is_loaded(runtime, "beta"));
  CHECK_FALSE(is_loaded(runtime, "alpha"));
}

TEST_CASE("A model is not unloaded in mid-answer, but once that has ended", "[real][llamacpp][lost]") {
  const LaunchedWorld world({tireless("alpha")});
  Runtime runtime = world.open();
  Running running;
  running.start(runtime, "alpha");
  running.wait_until_begun();
  std::atomic<bool> cancelled = false;
  auto unloaded = std::async(std::launch::async, [&] {
    Result<std::vector<std::string>> done = runtime.unload_model("alpha");
    CHECK(cancelled);
    return done;
  });
  CHECK(world.servers().size() == 1);
  cancelled = true;
  running.cancel();
  CHECK(running.end().error().code == ErrorCode::cancelled);
  CHECK(unloaded.get());
  CHECK(world.servers().empty());
}
