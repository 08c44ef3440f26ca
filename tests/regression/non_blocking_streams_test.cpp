// SPDX-License-Identifier: MIT
// A standard stream that another program had made non-blocking (the flag belongs to the stream, not to the
// program) was taken for a broken one: what was not there yet counted as the end, and what did not fit at
// once was lost.
#include <array>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include "base/blocking_io.hpp"
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

void make_non_blocking(int descriptor) {
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

std::string read_to_end(int descriptor) {
  std::string all;
  std::array<char, 4096> bytes;
  for (ssize_t got = 0; (got = base::read_some(descriptor, bytes.data(), bytes.size())) > 0;)
    all.append(bytes.data(), static_cast<std::size_t>(got));
  return all;
}

/// A program whose three streams don't block.
class NonBlockingProgram {
 public:
  NonBlockingProgram(const Shell& shell, const std::vector<std::string>& words) {
    for (auto& pipe : pipes_) REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    make_non_blocking(pipes_[0][0]);
    make_non_blocking(pipes_[1][1]);
    make_non_blocking(pipes_[2][1]);
    const Command command = shell.command(words);
    pid_ = ::fork();
    if (pid_ == 0) become(command);
    ::close(pipes_[0][0]);
    ::close(pipes_[1][1]);
    ::close(pipes_[2][1]);
  }
  ~NonBlockingProgram() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    for (const int descriptor : {pipes_[1][0], pipes_[2][0]}) ::close(descriptor);
  }

  int in() const { return pipes_[0][1]; }
  int out() const { return pipes_[1][0]; }
  int err() const { return pipes_[2][0]; }

 private:
  [[noreturn]] void become(const Command& command) const {
    ::dup2(pipes_[0][0], STDIN_FILENO);
    ::dup2(pipes_[1][1], STDOUT_FILENO);
    ::dup2(pipes_[2][1], STDERR_FILENO);
    for (const auto& [name, value] : command.env) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv;
    for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    if (::chdir(command.folder.c_str()) == 0) ::execvp(argv[0], argv.data());
    ::_exit(127);
  }

  std::array<std::array<int, 2>, 3> pipes_{};
  pid_t pid_ = -1;
};

// More than a pipe holds.
std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += "word" + std::to_string(i) + " ";
  return text + "end";
}

}  // namespace

TEST_CASE("a long question comes in whole, and its answer goes out whole, on streams that don't block",
          "[cli]") {
  const Shell shell(kEchoes);
  const NonBlockingProgram program(shell, {"ask", "-"});
  const std::string text = long_text();
  std::thread writer([&] {
    base::write_all(program.in(), text);
    ::close(program.in());
  });
  const std::string answer = read_to_end(program.out());
  writer.join();
  CHECK(answer.size() == text.size() + 1);
  CHECK(answer == text + "\n");
  CHECK(read_to_end(program.err()).empty());
}

TEST_CASE("a conversation waits for its next line on a stream that doesn't block", "[cli]") {
  const Shell shell(kEchoes);
  const NonBlockingProgram program(shell, {"chat"});
  std::string answer(6, '\0');
  for (const std::string& line : {std::string("first\n"), std::string("again\n")}) {
    base::write_all(program.in(), line);
    std::size_t have = 0;
    while (have < line.size()) {
      const ssize_t got = base::read_some(program.out(), answer.data() + have, line.size() - have);
      REQUIRE(got > 0);
      have += static_cast<std::size_t>(got);
    }
    CHECK(answer == line);
  }
  ::close(program.in());
}

TEST_CASE("what is read and written waits for a socket that doesn't block", "[text]") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const std::string text = long_text();
  std::thread writer([&] {
    CHECK(base::write_all(ends[0], text) == 0);
    ::close(ends[0]);
  });
  CHECK(read_to_end(ends[1]) == text);
  writer.join();
  ::close(ends[1]);
  CHECK(base::write_all(-1, "x") == EBADF);
}
