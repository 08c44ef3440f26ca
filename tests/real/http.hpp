// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::testing {

/// One HTTP reply, its body without chunk framing. `status` 0: none came.
struct HttpReply {
  int status = 0;
  std::string head;
  std::string body;
};

/// The replies in what a server sent on one connection, in order. The last may be cut off anywhere: what is
/// there of its body is kept.
std::vector<HttpReply> split_replies(std::string_view bytes);

/// GET on 127.0.0.1; status 0 when nobody listens there.
HttpReply http_get(int port, const std::string& path);
/// POST of JSON, likewise.
HttpReply http_post(int port, const std::string& path, const std::string& json);

/// A listening or connected TCP socket on 127.0.0.1, closed at the end.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  /// Listens on a free port; throws when it can't.
  static Socket listen();
  /// Connects; an empty socket when nobody listens.
  static Socket connect(int port);

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// The local port.
  int port() const;
  /// Writes everything; false when the other side is gone.
  bool send(std::string_view bytes) const;
  /// Appends what is there, waiting for some; false at the end or on failure.
  bool receive(std::string& into) const;

 private:
  int fd_;
};

}  // namespace tachikoma::testing
