// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;
};

/// A descriptor, closed by its destructor.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  /// Starts connecting, without waiting: `pending_error` is the result once the socket is writable. Fails
  /// with the `connect_error` of errno.
  static Result<Socket> connect(const SocketAddress& address);

  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  /// The pending error of the socket (SO_ERROR), which is cleared; 0: none.
  int pending_error() const;

 private:
  void close();
  int fd_ = -1;
};

/// What is to be sent, in two parts: a large one need not be copied behind a small one.
struct OutgoingBytes {
  std::string_view first, second = {};

  bool empty() const { return first.empty() && second.empty(); }
  void remove_prefix(std::size_t size) {
    const std::size_t of_first = size < first.size() ? size : first.size();
    first.remove_prefix(of_first);
    second.remove_prefix(size - of_first);
  }
};

/// send(2) for both parts.
ssize_t send_bytes(int fd, const OutgoingBytes& bytes, int flags);

/// The text for an errno in lower case, such as "connection refused".
std::string errno_text(int code);
/// The error for a failed socket call; its message is the cause alone. `unreachable`, or `overloaded` if this
/// process has no descriptor left.
Error connect_error(int code);

/// The detail of an error about a connection. The reason is one of those in docs/errors.md.
Value because(std::string_view reason);

}  // namespace tachikoma::kit
