// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <unistd.h>

#include <sys/wait.h>

#include "support/wait.hpp"

namespace tachikoma::testing {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read = ends[0], write = ends[1];
  }
};

void close_once(int& fd) {
  if (fd >= 0) ::close(std::exchange(fd, -1));
}

pid_t spawn(const Command& command, int in, int out, int err) {
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  ::dup2(in, 0);
  ::dup2(out, 1);
  if (err >= 0) ::dup2(err, 2);
  exec(command);
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Appends what can be read; false at the end of the file.
bool drain(int fd, std::string& into) {
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(fd, bytes.data(), bytes.size());
  if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

}  // namespace

void exec(const Command& command) {
  for (const auto& [name, value] : command.env)
    value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
  if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) ::_exit(126);
  for (const int each : {SIGPIPE, SIGHUP, SIGINT}) ::signal(each, SIG_DFL);  // whatever the tests run under
  std::vector<char*> argv;
  for (const std::string& each : command.argv) argv.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

Finished run(const Command& command) {
  Pipe in, out, err;
  const pid_t pid = spawn(command, in.read, out.write, err.write);
  close_once(in.read), close_once(out.write), close_once(err.write);
  Finished finished;
  const auto deadline = Clock::now() + command.limit;
  std::size_t written = 0;
  while (out.read >= 0 || err.read >= 0) {
    if (written == command.input.size()) close_once(in.write);
    std::array<pollfd, 3> fds{{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}}};
    if (::poll(fds.data(), fds.size(), 50) < 0 && errno != EINTR) break;
    if (Clock::now() > deadline) {
      ::kill(pid, SIGKILL);
      finished.err += "\n(killed: it ran past the test's limit)";
      break;
    }
    if (fds[0].revents && !drain(out.read, finished.out)) close_once(out.read);
    if (fds[1].revents && !drain(err.read, finished.err)) close_once(err.read);
    if (fds[2].revents) {
      const ssize_t count = ::write(in.write, command.input.data() + written,
                                    std::min<std::size_t>(4096, command.input.size() - written));
      if (count < 0 && errno != EINTR) written = command.input.size();
      if (count > 0) written += static_cast<std::size_t>(count);
    }
  }
  close_once(in.write), close_once(out.read), close_once(err.read);
  int status = 0;
  ::waitpid(pid, &status, 0);
  finished.exit_code = exit_code(status);
  return finished;
}

Process::Process(const Command& command) {
  Pipe in, out;
  pid_ = spawn(command, in.read, out.write, -1);
  close_once(in.read), close_once(out.write);
  in_ = in.write, out_ = out.read;
}

Process::~Process() {
  if (status_ < 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  close_once(in_), close_once(out_);
}

std::string Process::read_line(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd fd{out_, POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 || ::poll(&fd, 1, static_cast<int>(left.count())) == 0)
      throw std::runtime_error("no line within the limit; so far: " + buffer_);
    if (!drain(out_, buffer_)) throw std::runtime_error("the program closed its output; so far: " + buffer_);
  }
}

void Process::write(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::write(in_, text.data() + at, text.size() - at);
    if (count < 0 && errno != EINTR) throw std::runtime_error("the program reads no more");
    if (count > 0) at += static_cast<std::size_t>(count);
  }
}

void Process::close_input() { close_once(in_); }

void Process::signal(int number) const { ::kill(pid_, number); }

int Process::wait(std::chrono::milliseconds limit) {
  if (status_ < 0) {
    wait_until(
        limit, [&] { return ::waitpid(pid_, &status_, WNOHANG) == pid_; },
        [] { return "the program did not end within the limit"; });
  }
  return exit_code(status_);
}

std::string program(const std::string& name) { return std::string(TACHIKOMA_BINARY_DIR "/bin/") + name; }

}  // namespace tachikoma::testing
