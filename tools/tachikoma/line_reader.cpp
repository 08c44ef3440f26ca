// SPDX-License-Identifier: MIT
#include "line_reader.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "interrupt.hpp"
#include "output.hpp"

namespace tachikoma::cli {

LineReader::Event LineReader::next(std::string_view prompt, std::string& line) {
  line.clear();
  if (::isatty(STDIN_FILENO) == 1) output_.prompt(prompt);
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return Event::line;
    }
    if (at_end_) {
      line = std::exchange(buffer_, {});
      return line.empty() ? Event::end : Event::line;
    }
    std::array<pollfd, 3> fds{
        {{STDIN_FILENO, POLLIN, 0}, {interrupts_.fd(), POLLIN, 0}, {hangups_.fd(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
    if (fds[1].revents && interrupts_.take()) {
      buffer_.clear();
      return Event::interrupt;
    }
    if (fds[2].revents && hangups_.take()) return Event::hangup;
    if (!fds[0].revents) continue;
    std::array<char, 4096> bytes;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0)
      buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    else if (count == 0 ||
             (errno != EINTR && errno != EAGAIN))  // another reader of the same stream was faster
      at_end_ = true;
  }
}

}  // namespace tachikoma::cli
