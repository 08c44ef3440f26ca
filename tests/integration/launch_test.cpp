// SPDX-License-Identifier: MIT
// Servers that a provider brings up: the simulator, as if it were any OpenAI-compatible server.
#include <cerrno>
#include <csignal>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/process.hpp"
#include "support/resources.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// A config whose provider launches `server`, in which PORT, SIM and PIDS are replaced; PIDS is a file for
/// ids.
struct World {
  explicit World(const std::string& server, const std::string& more = {}) {
    std::string text =
        "providers:\n  local:\n    plugin: openai\n    base_url: http://127.0.0.1:PORT/v1\n    launch:\n"
        "      command: " +
        server + "\n" + more + "defaults: {model: local::mistral-7b}\npolicy: {retry: {attempts: 1}}\n";
    text = replace_all(text, "PORT", port);
    text = replace_all(text, "SIM", program("lmstudio-sim"));
    config = folder.write("tachikoma.yaml", replace_all(text, "PIDS", pid_file()));
  }
  std::string pid_file() const { return (folder.path() / "pids").string(); }
  std::vector<pid_t> pids() const {
    std::ifstream in(pid_file());
    std::vector<pid_t> all;
    for (pid_t pid = 0; in >> pid;) all.push_back(pid);
    return all;
  }
  Runtime open() const {
    return Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
  }

  TempDir folder;
  std::string port = std::to_string(refused_port());
  std::string config;
};

constexpr char kSimulator[] = R"([sh, -c, 'echo $$ >>PIDS; exec SIM --speed 0 --port {port}'])";

Result<Reply> ask(Runtime& runtime, std::stop_token stop = {}) {
  return runtime.generate_text({.messages = {user("Hello")}, .stop = std::move(stop)});
}

}  // namespace

TEST_CASE("The first call starts the server, the others use it, and it ends with the runtime", "[launch]") {
  const World world(kSimulator);
  {
    Runtime runtime = world.open();
    CHECK(world.pids().empty());
    for (int i = 0; i < 3; ++i) CHECK_FALSE(ask(runtime).value().text.empty());
    CHECK(runtime.generate_text_future({.messages = {user("Hello")}}).get());
    REQUIRE(world.pids().size() == 1);
    CHECK_FALSE(is_gone(world.pids().front()));
  }
  CHECK(is_gone(world.pids().front()));
}

TEST_CASE("Calls that come while the server starts wait for the same one", "[launch]") {
  const World world(kSimulator);
  Runtime runtime = world.open();
  std::vector<std::future<Result<Reply>>> replies;
  for (int i = 0; i < 8; ++i) replies.push_back(runtime.generate_text_future({.messages = {user("Hello")}}));
  for (auto& reply : replies) CHECK(reply.get());
  CHECK(world.pids().size() == 1);
}

TEST_CASE("A server that is there already is used and left alone", "[launch]") {
  const World world(kSimulator);
  Process there({.argv = {program("lmstudio-sim"), "--speed", "0", "--port", world.port}});
  there.read_line();
  {
    Runtime runtime = world.open();
    CHECK(ask(runtime));
  }
  CHECK(world.pids().empty());
  CHECK_FALSE(is_gone(there.pid()));
}

TEST_CASE("A server that was killed is started again, so often as the config says", "[launch]") {
  const World world(kSimulator, "      restarts: 1\n");
  Runtime runtime = world.open();
  REQUIRE(ask(runtime));
  for (std::size_t started = 1; started <= 2; ++started) {
    REQUIRE(world.pids().size() == started);
    REQUIRE(::kill(world.pids().back(), SIGKILL) == 0);
    REQUIRE(comes_true(20s, [&] { return is_gone(world.pids().back()); }));
    // the runtime learns of the end a moment later than we do
    const auto noticed = [&](const Result<Reply>& reply) {
      return reply || reply.error().message.find("signal 9 (Killed)") != std::string::npos;
    };
    Result<Reply> reply = ask(runtime);
    CHECK(comes_true(20s, [&] { return noticed(reply) || noticed(reply = ask(runtime)); }));
    CHECK(bool(reply) == (started == 1));
    if (!reply) CHECK_THAT(reply.error().message, ContainsSubstring("it was started 2 times"));
  }
}

TEST_CASE("A server that ends before it is ready is an error with its last line", "[launch]") {
  const World world("[sh, -c, 'echo loading; echo no such model >&2; exit 4']");
  Runtime runtime = world.open();
  const Result<Reply> reply = ask(runtime);
  CHECK(reply.error().code == ErrorCode::unreachable);
  CHECK(reply.error().message == "'sh' ended before it was ready with exit code 4: \"no such model\"");
  CHECK(reply.error().detail["log"].as_string() == "loading\nno such model");
}

TEST_CASE("A program that is not there is an error that names it", "[launch]") {
  const World world("[/nowhere/vllm]");
  Runtime runtime = world.open();
  const Result<Reply> reply = ask(runtime);
  CHECK(reply.error().code == ErrorCode::config_invalid);
  CHECK(reply.error().message == "'/nowhere/vllm' can't be run (no such file or directory)");
}

TEST_CASE("A server that never gets ready is a time-out, and is ended", "[launch]") {
  const World world("[sh, -c, 'echo $$ >>PIDS; exec sleep 1000']", "      ready_timeout: 2s\n");
  Runtime runtime = world.open();
  const Result<Reply> reply = ask(runtime);
  CHECK(reply.error().code == ErrorCode::timeout);
  CHECK_THAT(reply.error().message, ContainsSubstring("'sh' was not ready within 2000 ms"));
  REQUIRE(world.pids().size() == 1);
  CHECK(is_gone(world.pids().front()));
}

TEST_CASE("Cancelling a call that waits for its server ends the waiting and the server", "[launch]") {
  const World world("[sh, -c, 'echo $$ >>PIDS; exec sleep 1000']");
  Runtime runtime = world.open();
  std::stop_source stop;
  auto reply = std::async(std::launch::async, [&] { return ask(runtime, stop.get_token()); });
  REQUIRE(comes_true(20s, [&] { return !world.pids().empty(); }));
  stop.request_stop();
  CHECK(reply.get().error().code == ErrorCode::cancelled);
  CHECK(comes_true(20s, [&] { return is_gone(world.pids().front()); }));
}

TEST_CASE("A command that only starts a server may end, and the server stays", "[launch]") {
  const World world("[sh, -c, 'SIM --speed 0 --port {port} >/dev/null 2>&1 & echo $! >>PIDS']",
                    "      stays: true\n");
  {
    Runtime runtime = world.open();
    CHECK(ask(runtime));
    CHECK(ask(runtime));
  }
  REQUIRE(world.pids().size() == 1);
  CHECK_FALSE(is_gone(world.pids().front()));
  CHECK(::kill(world.pids().front(), SIGKILL) == 0);
}

TEST_CASE("A server does not outlive a program that is killed", "[launch]") {
  const World world("[sh, -c, 'SIM --speed 1 --port {port} & echo $$ $! >>PIDS; wait']");
  const Shell shell;
  Process asking(shell.command({"--config", world.config, "ask", "Hello"}));
  asking.close_input();
  REQUIRE(comes_true(20s, [&] { return world.pids().size() == 2; }));
  asking.signal(SIGKILL);
  for (const pid_t pid : world.pids()) CHECK(comes_true(20s, [&] { return is_gone(pid); }));
}
