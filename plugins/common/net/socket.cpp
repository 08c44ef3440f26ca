// SPDX-License-Identifier: MIT
#include "common/net/socket.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

namespace tachikoma::kit {
namespace {

Value detail_of(int code) {
  switch (code) {
    case ECONNREFUSED: return because("refused");
    case ETIMEDOUT: return because("no_answer");
    case ENETUNREACH:
    case EHOSTUNREACH: return because("no_route");
    default: return {};
  }
}

}  // namespace

Result<Socket> Socket::connect(const SocketAddress& address) {
  Socket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.open()) return connect_error(errno);
  const int yes = 1;
  ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(socket.fd(), to, address.length) != 0 && errno != EINPROGRESS && errno != EINTR)
    return connect_error(errno);
  return socket;
}

int Socket::pending_error() const {
  int code = 0;
  socklen_t size = sizeof code;
  return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

void Socket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

ssize_t send_bytes(int fd, const OutgoingBytes& bytes, int flags) {
  const auto part = [](std::string_view text) { return iovec{const_cast<char*>(text.data()), text.size()}; };
  std::array<iovec, 2> parts{part(bytes.first), part(bytes.second)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(fd, &message, flags);
}

std::string errno_text(int code) {
  std::string text = std::generic_category().message(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

Value because(std::string_view reason) { return Value::object({{"reason", reason}}); }

Error connect_error(int code) {
  if (code == EMFILE || code == ENFILE)
    return Error(ErrorCode::overloaded, "this process has no free file descriptor: " + errno_text(code),
                 "run fewer calls at a time, or raise the limit (ulimit -n)");
  return Error(ErrorCode::unreachable, errno_text(code), {}, detail_of(code));
}

}  // namespace tachikoma::kit
