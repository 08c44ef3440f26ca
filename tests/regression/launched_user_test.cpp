// SPDX-License-Identifier: MIT
// A launched command that became another user could not be ended, and was waited for without end: by the
// keeper, and by who destroyed the provider. And SIGPIPE was ignored in all that was launched.
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/stat.h>

#include "common/launch/child_process.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using kit::ChildProcess;
using namespace std::chrono_literals;

namespace {

/// A program that runs as its owner whoever starts it, and what of it runs is ended with this object.
class OwnersProgram {
 public:
  OwnersProgram() : file_(folder_.path() / "sleep") {
    std::filesystem::copy_file("/bin/sleep", file_);
    ::chmod(folder_.path().c_str(), 0755);
    ::chmod(file_.c_str(), S_ISUID | 0755);
  }
  ~OwnersProgram() {
    for (const pid_t pid : running()) ::kill(pid, SIGKILL);
  }
  std::string file() const { return file_.string(); }
  std::vector<pid_t> running() const {
    std::vector<pid_t> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::error_code unreadable;
      if (std::filesystem::read_symlink(entry.path() / "exe", unreadable) == file_)
        all.push_back(std::stoi(entry.path().filename().string()));
    }
    return all;
  }

 private:
  TempDir folder_;
  const std::filesystem::path file_;
};

/// A keeper that is nobody, and runs this script.
Command nobodys_keeper(std::vector<std::string> command) {
  std::vector<std::string> argv{
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program("tachikoma-keeper"), "all", "15",
      "100"};
  argv.insert(argv.end(), command.begin(), command.end());
  return {.argv = std::move(argv)};
}

std::string output_of(const std::string& script) {
  auto child = ChildProcess::start({.argv = {"sh", "-c", script}}).value();
  TestCancellation never;
  REQUIRE(child->wait_for_end(20s, never));
  return child->last_lines();
}

// Those from 1 to 31: the C library keeps the next two for itself.
unsigned long usual_signals(const std::string& mask) { return std::stoul(mask, nullptr, 16) & 0x7fffffff; }

}  // namespace

TEST_CASE("a launched program has every signal as usual, whatever its launcher ignores or blocks",
          "[launch]") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  CHECK(usual_signals(output_of("exec sed -n 's/^SigIgn:.//p' /proc/self/status")) == 0);
  CHECK(usual_signals(output_of("exec sed -n 's/^SigBlk:.//p' /proc/self/status")) == 0);
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("a command that would become another user is refused, and one that did so is left, not waited for",
          "[launch]") {
  if (::geteuid() != 0) {
    WARN("SKIPPED: only root can make a program that becomes another user");
    return;
  }
  const OwnersProgram sleep;
  Process refused(nobodys_keeper({sleep.file(), "1000"}));
  CHECK(refused.read_line() == "failed " + std::to_string(EPERM));

  for (const std::string script : {" 1000", " 1000 & wait", " 1000 & sleep 1000 & wait"}) {
    Process keeper(nobodys_keeper({"sh", "-c", sleep.file() + script}));
    REQUIRE(keeper.read_line().starts_with("started "));
    REQUIRE(comes_true(20s, [&] { return !sleep.running().empty(); }));
    keeper.close_input();
    CHECK(keeper.wait() == 0);
    for (const pid_t pid : sleep.running()) ::kill(pid, SIGKILL);
    REQUIRE(comes_true(20s, [&] { return sleep.running().empty(); }));
  }
}
