// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "common/net/call_scope.hpp"
#include "common/net/resolver.hpp"
#include "common/net/server_url.hpp"
#include "common/net/tls.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// One open connection to a server, plain or TLS. Blocking calls end when `interrupt` is called on any
/// thread. Closed by its destructor.
class Connection {
 public:
  /// Tries every address until one answers. Fails with `unreachable`, `overloaded` if no descriptor is
  /// left, and `cancelled`.
  static Result<std::unique_ptr<Connection>> open(const ServerUrl& url, Resolver& resolver, TlsClient& tls,
                                                  const CallScope& scope);
  /// Over a connected socket, plain.
  static std::unique_ptr<Connection> adopt(Socket socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends all of `bytes`; an error names the cause alone, as in "connection reset by peer".
  Status send(OutgoingBytes bytes);
  /// Receives data, with `kTailRoom` readable bytes behind it; empty if the server closed. The view is valid
  /// until the next call. An error as for `send`, or `timeout` at the scope's deadline.
  Result<std::string_view> receive(const CallScope& scope);
  /// Waits; true if more arrives within `limit`, or the server closes.
  bool wait(std::chrono::milliseconds limit) const;
  /// Ends blocked calls. [thread-safe]
  void interrupt() noexcept;
  /// True if it can't be reused: the server closed it, or sent unsolicited data.
  bool stale() const;

  int fd() const { return fd_; }

  /// What it owns, for another protocol: the socket or, with TLS, the stream that owns it.
  struct Parts {
    Socket socket;
    std::unique_ptr<TlsStream> tls;
    int fd = -1;
  };
  Parts take_apart() &&;

  /// When the server is expected to close it, once it lies idle.
  CallScope::Clock::time_point idle_until{};
  /// The epoll instance of the loop that goes on watching it while it lies idle; null: none does.
  std::shared_ptr<const Socket> watched_in;
  /// It is taken by someone else than that loop.
  void unwatch();

 private:
  explicit Connection(Socket socket);
  Result<std::size_t> send_plain(const OutgoingBytes& bytes);
  Result<std::size_t> send_encrypted(const OutgoingBytes& bytes);
  Result<std::size_t> receive_plain(char* buffer, std::size_t size);
  bool poll_until(const CallScope& scope) const;

  Socket socket_;  // moves into the TLS stream
  const int fd_;
  std::unique_ptr<TlsStream> tls_;
  std::unique_ptr<char[]> buffer_;  // allocated on demand
};

}  // namespace tachikoma::kit
