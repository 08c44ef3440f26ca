// SPDX-License-Identifier: MIT
// With a plugin whose calls never return, a program got no timeout, could not be ended with ^C, and did not
// end on its own: each waited for the plugin.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

#include "integration/cli/shell.hpp"
#include "integration/plugins/plugin_support.hpp"
#include "support/catch.hpp"
#include "support/wait.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kStuck[] =
    "providers:\n  p: {plugin: stuck, timeouts: {connect: 50ms, first_token: 50ms, "
    "between_tokens: BETWEEN}}\ndefaults: {model: 'p::m'}\n";

std::string config_with(const std::string& between, const std::string& more = "") {
  std::string text = kStuck;
  text.replace(text.find("BETWEEN"), 7, between);
  return text + more;
}

std::string never_returns_folder() {
  return std::filesystem::path(bad_plugin("never_returns")).parent_path().string();
}

/// Opens for all calls that wait when the test ends.
class StuckGate {
 public:
  StuckGate() : path_((folder_.path() / "gate").string()) {
    ::mkfifo(path_.c_str(), 0600);
    ::setenv("TACHIKOMA_TEST_GATE", path_.c_str(), 1);
  }
  ~StuckGate() {
    open();
    ::unsetenv("TACHIKOMA_TEST_GATE");
  }
  void open() {
    const int writer = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (writer >= 0) ::close(writer);
  }
  Command in(const Shell& shell, std::vector<std::string> argv) const {
    argv.insert(argv.begin() + 1, {"--plugin-path", never_returns_folder()});
    Command command = shell.command(std::move(argv));
    command.env.emplace_back("TACHIKOMA_TEST_GATE", path_);
    return command;
  }

 private:
  TempDir folder_;
  const std::string path_;
};

}  // namespace

TEST_CASE("a program with a stuck plugin gets its timeout, names the thread, and ends", "[cli][never]") {
  const StuckGate gate;
  const Shell shell(config_with("50ms", "monitors: {m: {plugin: stuck}}\n"));
  const Finished asked = run(gate.in(shell, {"ask", "hi"}));
  CHECK(asked.exit_code == 8);
  CHECK(asked.out == "Hel\n");
  CHECK_THAT(asked.err, ContainsSubstring("plugin 'stuck' does not return from the call: thread "));
  CHECK_THAT(asked.err, ContainsSubstring("the monitor does not return: thread "));
  const Finished listed = run(gate.in(shell, {"ps"}));
  CHECK(listed.exit_code == 8);
  CHECK_THAT(listed.err, ContainsSubstring("does not return from the call: thread "));
}

TEST_CASE("one ^C leaves a program with a stuck plugin", "[cli][never]") {
  const StuckGate gate;
  const Shell shell(config_with("0"));
  Process asking(gate.in(shell, {"ask", "--stream-json", "hi"}));
  asking.close_input();
  while (asking.read_line().find("\"Hel\"") == std::string::npos) continue;
  asking.signal(SIGINT);
  CHECK(asking.wait() == 130);
}

TEST_CASE(
    "the plugin of a stuck call stays in memory until the call returns, and its lines reach no closed log",
    "[never]") {
  StuckGate gate;
  const TempDir folder;
  const std::string file = folder.write("tachikoma.yaml", config_with("50ms"));
  std::atomic<int> lines = 0;
  std::string library;
  {
    Runtime runtime = Runtime::open({.file = file,
                                     .plugin_paths = {never_returns_folder()},
                                     .log = [&](Severity, std::string_view, std::string_view) { ++lines; }})
                          .value();
    library = runtime.plugins().find("never_returns").value().file;
    const auto reply = runtime.generate_text({.messages = {user("hi")}});
    REQUIRE(!reply);
    CHECK(reply.error().code == ErrorCode::timeout);
    CHECK(reply.error().detail["partial"]["text"].as_string() == "Hel");
  }
  const auto mapped = [&] {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
      if (line.ends_with(library)) return true;
    return false;
  };
  const int before = lines;
  CHECK(mapped());
  gate.open();
#if !defined(__SANITIZE_ADDRESS__)  // which keeps every library
  CHECK(comes_true(30s, [&] { return !mapped(); }));
#endif
  CHECK(lines == before);
}
