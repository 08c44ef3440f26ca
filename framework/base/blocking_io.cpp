// SPDX-License-Identifier: MIT
#include "base/blocking_io.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace tachikoma::base {
namespace {

// After a failed call: true if it is worth another.
bool may_go_on(int descriptor, short event) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  pollfd wanted{descriptor, event, 0};
  return ::poll(&wanted, 1, -1) > 0 || errno == EINTR;
}

}  // namespace

ssize_t read_some(int descriptor, void* to, std::size_t count) {
  for (;;) {
    const ssize_t got = ::read(descriptor, to, count);
    if (got >= 0 || !may_go_on(descriptor, POLLIN)) return got;
  }
}

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count >= 0)
      text.remove_prefix(static_cast<std::size_t>(count));
    else if (!may_go_on(descriptor, POLLOUT))
      return errno;
  }
  return 0;
}

}  // namespace tachikoma::base
