// SPDX-License-Identifier: MIT
#include "interrupt.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include "exit_codes.hpp"

namespace tachikoma::cli {
namespace {

// The pipes that the handler writes to, by signal: all that it may touch.
std::array<std::atomic<int>, SIGWINCH + 1> signal_pipes{};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  const int saved = errno;
  const char byte = 1;
  // a full pipe holds enough signals already
  [[maybe_unused]] const ssize_t written =
      ::write(signal_pipes[static_cast<std::size_t>(number)].load(), &byte, 1);
  errno = saved;
}

std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  return ends;
}

void close_pipe(const std::array<int, 2>& ends) {
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace

CaughtSignal::CaughtSignal(int number) : number_(number), pipe_(open_pipe()) {
  signal_pipes[static_cast<std::size_t>(number)] = pipe_[1];
  ::sigaction(number, nullptr, &before_);
  if (before_.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
}

CaughtSignal::~CaughtSignal() {
  ::sigaction(number_, &before_, nullptr);
  signal_pipes[static_cast<std::size_t>(number_)] = -1;
  close_pipe(pipe_);
}

bool CaughtSignal::take() {
  std::array<char, 64> bytes;
  bool any = false;
  while (::read(pipe_[0], bytes.data(), bytes.size()) > 0) any = true;
  return any;
}

StopOnInterrupt::StopOnInterrupt(Interrupts& interrupts)
    : interrupts_(interrupts), wake_(open_pipe()), watcher_([this] { watch(); }) {}

StopOnInterrupt::~StopOnInterrupt() {
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_[1], &byte, 1);
  watcher_.join();
  close_pipe(wake_);
}

void StopOnInterrupt::watch() {
  for (;;) {
    std::array<pollfd, 2> fds{{{interrupts_.fd(), POLLIN, 0}, {wake_[0], POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
    if (fds[0].revents && interrupts_.take()) {
      if (source_.stop_requested()) ::_exit(exit_code(ErrorCode::cancelled));
      source_.request_stop();
    }
    if (fds[1].revents) return;
  }
}

}  // namespace tachikoma::cli
