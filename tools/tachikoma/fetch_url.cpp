// SPDX-License-Identifier: MIT
#include "fetch_url.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/wait.h>

#include "base/blocking_io.hpp"
#include "base/excerpt.hpp"
#include "output.hpp"

extern char** environ;

namespace tachikoma::cli {
namespace {

Error unusable(const std::string& url, const std::string& why, std::string hint = {}) {
  return {ErrorCode::invalid_argument, "cannot fetch '" + url + "': " + why, std::move(hint)};
}

// A pipe whose ends close by themselves, also in the programs that are started.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    for (const int end : ends_)
      if (end >= 0) ::close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() { ::close(std::exchange(ends_[1], -1)); }

 private:
  std::array<int, 2> ends_{};
};

// At most one byte more than `max_bytes`.
std::string read_up_to(int fd, std::size_t max_bytes) {
  std::string content;
  std::array<char, 65536> bytes;
  while (content.size() <= max_bytes) {
    const ssize_t count = base::read_some(fd, bytes.data(), bytes.size());
    if (count <= 0) break;
    content.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return content;
}

// 0, or why the program could not be started.
int start(std::vector<std::string> command, const Pipe& out, const Pipe& err, pid_t& process) {
  std::vector<char*> argv;
  for (std::string& each : command) argv.push_back(each.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  if (const int failure = ::posix_spawn_file_actions_init(&actions); failure != 0) return failure;
  ::posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.writer(), STDERR_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  const int failure = ::posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failure;
}

int exit_of(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

bool is_url(std::string_view name) { return name.starts_with("http://") || name.starts_with("https://"); }

Result<std::string> fetch_url(const std::string& url, std::size_t max_bytes) {
  Pipe out, err;
  pid_t process = 0;
  const int failure =
      start({"curl", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "10", "--proto",
             "=http,https", "--connect-timeout", "10", "--max-time", "120", "--", url},
            out, err, process);
  if (failure == ENOENT)
    return unusable(url, "there is no program 'curl'", "install it: apt-get install curl");
  if (failure != 0) return unusable(url, std::string("curl can't be started: ") + std::strerror(failure));
  out.close_writer();
  err.close_writer();
  std::string content = read_up_to(out.reader(), max_bytes);
  if (content.size() > max_bytes) {
    ::kill(process, SIGTERM);
    exit_of(process);
    return unusable(url, "it is larger than " + format_bytes(static_cast<std::int64_t>(max_bytes)));
  }
  constexpr std::size_t kMostWords = 4096;
  std::string words = read_up_to(err.reader(), kMostWords);
  if (exit_of(process) == 0) return content;
  words = words.substr(0, words.find('\n'));
  return unusable(url, words.empty() ? "curl failed" : base::printable(words),
                  "correct the address, or see what happens: curl -v " + base::printable(url));
}

}  // namespace tachikoma::cli
