// SPDX-License-Identifier: MIT
// Whatever ends our process, in each state that it can be in: no server and no keeper is left.
#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

// The servers and their keepers, once there is one that has become a llama-server. One that is just ending,
// as when another program took its port, has no parent any more: then the next one counts.
std::vector<pid_t> launched(const LaunchedWorld& world) {
  std::vector<pid_t> pids;
  REQUIRE(comes_true(30s, [&] {
    pids = world.servers();
    for (const pid_t server : std::vector<pid_t>(pids)) pids.push_back(parent_of(server));
    return !pids.empty() && std::find(pids.begin(), pids.end(), 0) == pids.end();
  }));
  return pids;
}

void check_gone(const LaunchedWorld& world, const std::vector<pid_t>& pids) {
  CHECK(pids.size() >= 2);
  CHECK(comes_true(20s, [&] { return world.servers().empty(); }));
  for (const pid_t pid : pids) {
    INFO(pid << ": " << command_line(pid));
    CHECK(comes_true(20s, [&] { return is_gone(pid); }));
  }
}

}  // namespace

TEST_CASE("No server outlives a program that is ended while it loads a model", "[real][llamacpp][orphans]") {
  const LaunchedWorld world({{"alpha"}});
  const int signal = GENERATE(SIGKILL, SIGTERM, SIGINT);
  const std::string endless = ", args: [--lora, '" + world.pipe() + "']";  // the load never ends
  const std::string config = world.folder.write(
      "endless.yaml", replace_all(world.text, "plugin: llamacpp", "plugin: llamacpp" + endless));
  Process loading(cli(config, {"load", "alpha"}));
  const std::vector<pid_t> pids = launched(world);
  loading.signal(signal);
  check_gone(world, pids);
  CHECK(loading.wait() == 128 + signal);
}

TEST_CASE("No server outlives a program that is ended while it generates", "[real][llamacpp][orphans]") {
  const LaunchedWorld world({tireless("alpha")});
  const int signal = GENERATE(SIGKILL, SIGTERM, SIGINT);
  Process asking(cli(world.config, {"ask", "--stream-json", "--max-tokens", "30000", "Hello"}));
  asking.close_input();
  while (asking.read_line(30s).find("\"text\"") == std::string::npos) {
  }
  const std::vector<pid_t> pids = launched(world);
  asking.signal(signal);
  check_gone(world, pids);
  CHECK(asking.wait() == 128 + signal);
}

TEST_CASE("No server outlives a program that is killed while it holds a model", "[real][llamacpp][orphans]") {
  const LaunchedWorld world({{"alpha"}});
  Process chat(cli(world.config, {"chat", "--json"}));
  chat.write("Hello\n");
  REQUIRE_FALSE(chat.read_line(30s).empty());
  const std::vector<pid_t> pids = launched(world);
  chat.signal(SIGKILL);
  check_gone(world, pids);
}

TEST_CASE("A server that does not listen to its keeper is ended too", "[real][llamacpp][orphans]") {
  const LaunchedWorld world({tireless("alpha")});
  // neither the program nor its keeper has the server as its own child
  const std::string wrapper = world.script("wrapper", "#!/bin/sh\ntrap '' TERM\n'{real}' \"$@\"\nexit $?\n");
  SECTION("when its model is unloaded, or its runtime goes") {
    {
      Runtime runtime = world.open({.server = wrapper});
      REQUIRE(runtime.load_model("alpha"));
      REQUIRE(runtime.unload_model("alpha"));
      CHECK(world.servers().empty());
      REQUIRE(runtime.load_model("alpha"));
    }
    CHECK(world.servers().empty());
  }
  SECTION("when its keeper is killed") {
    Runtime runtime = world.open({.server = wrapper});
    REQUIRE(runtime.load_model("alpha"));
    const std::vector<pid_t> pids = world.servers();
    CHECK(pids.size() == 2);
    for (const pid_t pid : pids)
      if (command_line(parent_of(pid)).find("keeper") != std::string::npos) ::kill(parent_of(pid), SIGKILL);
    check_gone(world, pids);
  }
}
