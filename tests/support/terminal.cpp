// SPDX-License-Identifier: MIT
#include "support/terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdexcept>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/wait.h>

namespace tachikoma::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLimit{60};

winsize size_of(int columns, int rows) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  return size;
}

Command in_plain_terminal(Command command) {
  const std::vector<std::pair<std::string, std::string>> own = std::move(command.env);
  command.env = {{"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}, {"COLUMNS", ""}, {"LINES", ""},
                 {"NO_COLOR", ""},           {"EDITOR", ""},        {"VISUAL", ""}};
  command.env.insert(command.env.end(), own.begin(), own.end());
  return command;
}

pid_t spawn(const Command& command, winsize size, int& terminal) {
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) throw std::runtime_error("forkpty failed");
  if (pid == 0) exec(command);
  ::fcntl(terminal, F_SETFD, FD_CLOEXEC);
  ::fcntl(terminal, F_SETFL, O_NONBLOCK);
  return pid;
}

}  // namespace

Terminal::Terminal(const Command& command, int columns, int rows)
    : screen_(columns, rows), pid_(spawn(in_plain_terminal(command), size_of(columns, rows), terminal_)) {}

Terminal::~Terminal() {
  if (status_ < 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  ::close(terminal_);
}

// Waits for output and shows it; false at the deadline, or when there will be none.
bool Terminal::read_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  pollfd fd{terminal_, POLLIN, 0};
  if (ended_ || ::poll(&fd, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) == 0) return false;
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(terminal_, bytes.data(), bytes.size());
  if (count > 0) {
    const std::string_view read(bytes.data(), static_cast<std::size_t>(count));
    written_ += read;
    screen_.write(read);
    send(screen_.take_answers());
  } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    ended_ = true;  // EIO: nobody has the other end any more
  }
  return !ended_;
}

void Terminal::send(std::string_view bytes) {
  const auto deadline = Clock::now() + kLimit;
  while (!bytes.empty()) {
    const ssize_t count = ::write(terminal_, bytes.data(), bytes.size());
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;  // nobody reads any more
    pollfd fd{terminal_, POLLIN | POLLOUT, 0};
    ::poll(&fd, 1, 50);
    if ((fd.revents & POLLIN) != 0) read_until(deadline);
    if (Clock::now() > deadline) throw std::runtime_error("the program does not read what is typed");
  }
}

void Terminal::type(std::string_view keys) { send(keys); }

void Terminal::paste(std::string_view text) { send(screen_.pasted(text)); }

void Terminal::resize(int columns, int rows) {
  screen_.resize(columns, rows);
  const winsize size = size_of(columns, rows);
  ::ioctl(terminal_, TIOCSWINSZ, &size);
}

void Terminal::signal(int number) const { ::kill(pid_, number); }

void Terminal::wait_for(std::string_view text) {
  try {
    wait_until([&](const Screen& screen) { return screen.all_text().find(text) != std::string::npos; });
  } catch (const std::exception& e) {
    throw std::runtime_error("waiting for '" + std::string(text) + "': " + e.what());
  }
}

void Terminal::wait_until(const std::function<bool(const Screen&)>& done) {
  const auto deadline = Clock::now() + kLimit;
  while (!done(screen_))
    if (!read_until(deadline))
      throw std::runtime_error(
          std::string(ended_ ? "the program ended" : "it was not shown within the limit") +
          "; the terminal shows:\n" + screen_.all_text());
}

int Terminal::wait() {
  const auto deadline = Clock::now() + kLimit;
  while (read_until(deadline)) continue;
  if (!ended_)
    throw std::runtime_error("the program did not end; the terminal shows:\n" + screen_.all_text());
  if (status_ < 0) ::waitpid(pid_, &status_, 0);
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

}  // namespace tachikoma::testing
