// SPDX-License-Identifier: MIT
#include "tachikoma/testing/simulator.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/wait.h>

namespace tachikoma::testing {
namespace {

std::pair<int, int> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made for lmstudio-sim");
  return {ends[0], ends[1]};
}

// It ends when its stdin is closed, however that comes.
pid_t spawn(std::vector<std::string> words, int in, int out) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = -1;
  const int failure = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failure == 0 ? pid : -1;
}

int port_in(std::string_view line) {
  constexpr std::string_view kKey = "\"port\":";
  const std::size_t key = line.find(kKey);
  int port = 0;
  if (key == std::string_view::npos) return port;
  const std::size_t digits = line.find_first_not_of(' ', key + kKey.size());
  if (digits != std::string_view::npos)
    std::from_chars(line.data() + digits, line.data() + line.size(), port);
  return port;
}

}  // namespace

Simulator::Simulator(const std::string& script_file) {
  std::vector<std::string> words{"lmstudio-sim", "--port", "0", "--speed", "0", "--exit-with-stdin"};
  if (!script_file.empty()) words.insert(words.end(), {"--script", script_file});
  const auto [child_in, in] = make_pipe();
  const auto [out, child_out] = make_pipe();
  in_ = in;
  out_ = out;
  pid_ = spawn(std::move(words), child_in, child_out);
  ::close(child_in);
  ::close(child_out);
  port_ = pid_ < 0 ? 0 : port_in(first_line());
  if (port_ != 0) return;
  const bool started = pid_ >= 0;
  end();
  throw std::runtime_error(started ? "lmstudio-sim ended without a port; what it wrote says why"
                                   : "lmstudio-sim is not in PATH; install Tachikoma's programs");
}

Simulator::~Simulator() { end(); }

void Simulator::end() const {
  ::close(in_);
  ::close(out_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string Simulator::first_line() const {
  std::string line;
  for (char c = 0; c != '\n';) {
    const ssize_t got = ::read(out_, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    line += c;
  }
  return line;
}

}  // namespace tachikoma::testing
