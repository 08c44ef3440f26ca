// SPDX-License-Identifier: MIT
// Servers that are killed while requests for several models share a memory with room for one: what was asked
// of them fails with an error that says so, everyone else is answered, and nobody waits for ever.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "real/launched_world.hpp"
#include "real/llama_server.hpp"
#include "real/running.hpp"
#include "real/switching_rig.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

const std::vector<TinyModel> kLongAndShort{tireless("alpha"), talkative("beta")};

Result<Reply> ask_briefly(Runtime& runtime, const std::string& model) {
  return runtime.generate_text({.model = model, .messages = {user("Hello")}, .settings = {.max_tokens = 8}});
}

void kill_server_of(const std::string& model, const std::filesystem::path& folder) {
  int killed = 0;
  for (const pid_t pid : model_servers(folder))
    if (value_after(command_line(pid), "--alias") == model) killed += ::kill(pid, SIGKILL) == 0 ? 1 : 0;
  REQUIRE(killed > 0);
}

// Its server went, with the model or alone.
void check_server_died(const Result<Reply>& reply) {
  REQUIRE_FALSE(reply);
  INFO(reply.error().message);
  CHECK((reply.error().code == ErrorCode::model_lost || reply.error().code == ErrorCode::unreachable));
  CHECK_FALSE(reply.error().hint.empty());
}

void check_answered(const Result<Reply>& reply) {
  INFO((reply ? "" : reply.error().message));
  REQUIRE(reply);
  CHECK(reply->finish == Finish::length);
}

// Each model, and back; how soon is printed, not judged.
void check_service_again(Runtime& runtime, const std::string& provider, SteadyClock::time_point since) {
  check_answered(ask_briefly(runtime, provider + "::alpha"));
  const std::chrono::duration<double, std::milli> later = SteadyClock::now() - since;
  WARN("service again after " << later.count() << " ms");
  check_answered(ask_briefly(runtime, provider + "::beta"));
  check_answered(ask_briefly(runtime, provider + "::alpha"));
}

/// A model's file that nobody can open: a pipe without a writer lies in its place, until it is put back.
class HeldFile {
 public:
  explicit HeldFile(std::filesystem::path file)
      : file_(std::move(file)), kept_(file_.string() + ".kept"), pipe_(file_.string() + ".pipe") {
    std::filesystem::rename(file_, kept_);
    REQUIRE(::mkfifo(file_.c_str(), 0600) == 0);
  }
  ~HeldFile() { put_back(); }
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;

  /// Whoever waits to open it finds nothing in it.
  void put_back() {
    if (!std::filesystem::exists(kept_)) return;
    std::filesystem::rename(file_, pipe_);
    std::filesystem::rename(kept_, file_);
    const int both_ends = ::open(pipe_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (both_ends >= 0) ::close(both_ends);
  }

 private:
  const std::filesystem::path file_, kept_, pipe_;
};

/// A runtime on a router whose memory has room for one model.
struct RoutedWorld {
  LlamaServer router = LlamaServer::with_models(kLongAndShort, 1);
  TempDir folder;
  Runtime runtime = open_silently(
      folder.write("tachikoma.yaml", "providers:\n  engine: {plugin: llamacpp, base_url: '" + router.url() +
                                         "'}\npolicy: {retry: {attempts: 1}}\n" + kRoomForOne));
  std::filesystem::path models() const { return router.model_file("alpha").parent_path(); }
};

// The router has gone; another comes to its place.
void check_service_after_return(RoutedWorld& world) {
  check_server_died(ask_briefly(world.runtime, "engine::alpha"));
  const LlamaServer again =
      LlamaServer::with_models(kLongAndShort, 1, {"--port", std::to_string(world.router.port())});
  check_service_again(world.runtime, "engine", SteadyClock::now());
}

}  // namespace

TEST_CASE(
    "A launched server is killed in a load: requests for its model say so, those for another are served",
    "[real][llamacpp][switching][lost]") {
  const LaunchedWorld world(kLongAndShort);
  const std::string pipe = world.pipe();
  const std::string late = world.script(
      "late", "#!/bin/sh\ncase \"$*\" in *--alias*) [ -e " + pipe + ".not ] || { : >" + pipe +
                  ".not; echo it waits; read -r line <" + pipe + "; };; esac\nexec '{real}' \"$@\"\n");
  std::atomic<bool> waits{false};
  Runtime runtime =
      Runtime::open(world.folder.write("late.yaml", replace_all(world.text, world.server, late) +
                                                        kRoomForOne + "verbose: true\n"),
                    [&](Severity, std::string_view, std::string_view line) {
                      if (line.find("it waits") != std::string_view::npos) waits = true;
                    })
          .value();
  std::array<Running, 3> alphas;
  Running beta;
  for (Running& each : alphas) each.start(runtime, "local::alpha", 8);
  REQUIRE(comes_true(60s, [&] { return waits.load(); }));
  beta.start(runtime, "local::beta", 8);
  const auto killed = SteadyClock::now();
  kill_server_of("alpha", world.folder.path());
  int died = 0;
  for (Running& each : alphas) {  // one that came late has the next load
    const Result<Reply> reply = each.end();
    if (reply) continue;
    check_server_died(reply);
    ++died;
  }
  CHECK(died > 0);
  check_answered(beta.end());
  check_service_again(runtime, "local", killed);
  CHECK(world.servers().size() == 1);
}

TEST_CASE("A launched server is killed while it answers: whoever waits for another model is served",
          "[real][llamacpp][switching][lost]") {
  const LaunchedWorld world(kLongAndShort);
  Runtime runtime = open_silently(world.folder.write("one.yaml", world.text + kRoomForOne));
  std::array<Running, 3> alphas;
  Running beta;
  for (Running& each : alphas) each.start(runtime, "local::alpha");
  for (Running& each : alphas) each.wait_until_begun();
  beta.start(runtime, "local::beta", 8);
  const auto killed = SteadyClock::now();
  kill_server_of("alpha", world.folder.path());
  for (Running& each : alphas) {
    const Result<Reply> reply = each.end();
    check_server_died(reply);
    CHECK(reply.error().code == ErrorCode::model_lost);
  }
  check_answered(beta.end());
  check_service_again(runtime, "local", killed);
  CHECK(world.servers().size() == 1);
}

TEST_CASE("A launched server is killed while nobody asks it: its place is free",
          "[real][llamacpp][switching][lost]") {
  const LaunchedWorld world(kLongAndShort);
  Runtime runtime = open_silently(world.folder.write("one.yaml", world.text + kRoomForOne));
  check_answered(ask_briefly(runtime, "local::alpha"));
  const auto killed = SteadyClock::now();
  kill_server_of("alpha", world.folder.path());
  SECTION("for its model, asked at once") {
    const Result<Reply> first = ask_briefly(runtime, "local::alpha");
    if (!first) check_server_died(first);  // it was asked before its end was known
  }
  SECTION("for another model, asked at once") { check_answered(ask_briefly(runtime, "local::beta")); }
  SECTION("for whoever asks when it has been noticed") {
    REQUIRE(comes_true(60s, [&] { return runtime.loaded_models().models.empty(); }));
  }
  check_service_again(runtime, "local", killed);
  CHECK(world.servers().size() == 1);
}

TEST_CASE("A router is killed in a load, and comes back", "[real][llamacpp][switching][lost]") {
  RoutedWorld world;
  const HeldFile held(world.router.model_file("alpha"));
  std::array<Running, 3> alphas;
  Running beta;
  for (Running& each : alphas) each.start(world.runtime, "engine::alpha", 8);
  REQUIRE(comes_true(60s, [&] { return !model_servers(world.models()).empty(); }));
  beta.start(world.runtime, "engine::beta", 8);
  world.router.kill();
  for (Running& each : alphas) check_server_died(each.end());
  check_server_died(beta.end());
  check_service_after_return(world);
}

TEST_CASE("A router is killed while it answers, and comes back", "[real][llamacpp][switching][lost]") {
  RoutedWorld world;
  std::array<Running, 3> alphas;
  Running beta;
  for (Running& each : alphas) each.start(world.runtime, "engine::alpha");
  for (Running& each : alphas) each.wait_until_begun();
  beta.start(world.runtime, "engine::beta", 8);
  world.router.kill();
  for (Running& each : alphas) check_server_died(each.end());
  check_server_died(beta.end());
  check_service_after_return(world);
}

TEST_CASE("A router is killed while nobody asks it, and comes back", "[real][llamacpp][switching][lost]") {
  RoutedWorld world;
  check_answered(ask_briefly(world.runtime, "engine::alpha"));
  world.router.kill();
  check_service_after_return(world);
}

TEST_CASE("A router that was killed while nobody asked it is back before anybody notices",
          "[real][llamacpp][switching][lost]") {
  RoutedWorld world;
  check_answered(ask_briefly(world.runtime, "engine::alpha"));
  world.router.kill();
  const LlamaServer again =
      LlamaServer::with_models(kLongAndShort, 1, {"--port", std::to_string(world.router.port())});
  const auto back = SteadyClock::now();
  SECTION("who asks for the model that was there") {}
  SECTION("who asks for another") { check_answered(ask_briefly(world.runtime, "engine::beta")); }
  check_service_again(world.runtime, "engine", back);
}

TEST_CASE("A router's server for one model is killed: the router goes on, and so do the others",
          "[real][llamacpp][switching][lost]") {
  RoutedWorld world;
  auto killed = SteadyClock::now();
  SECTION("in a load") {
    HeldFile held(world.router.model_file("alpha"));
    std::array<Running, 3> alphas;
    Running beta;
    for (Running& each : alphas) each.start(world.runtime, "engine::alpha", 8);
    REQUIRE(comes_true(60s, [&] { return !model_servers(world.models()).empty(); }));
    beta.start(world.runtime, "engine::beta", 8);
    killed = SteadyClock::now();
    kill_server_of("alpha", world.models());
    held.put_back();
    for (Running& each : alphas) {  // one that came late has the next load
      const Result<Reply> reply = each.end();
      CHECK((reply || !reply.error().hint.empty()));
    }
    check_answered(beta.end());
  }
  SECTION("while it answers") {
    std::array<Running, 3> alphas;
    Running beta;
    for (Running& each : alphas) each.start(world.runtime, "engine::alpha");
    for (Running& each : alphas) each.wait_until_begun();
    beta.start(world.runtime, "engine::beta", 8);
    killed = SteadyClock::now();
    kill_server_of("alpha", world.models());
    for (Running& each : alphas) check_server_died(each.end());
    check_answered(beta.end());
  }
  SECTION("while nobody asks it") {
    check_answered(ask_briefly(world.runtime, "engine::alpha"));
    killed = SteadyClock::now();
    kill_server_of("alpha", world.models());
    REQUIRE(comes_true(60s, [&] { return world.router.state_of("alpha") != "loaded"; }));
  }
  check_service_again(world.runtime, "engine", killed);
}
