// SPDX-License-Identifier: MIT
#include "common/net/connection.hpp"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/try.hpp"
#include "common/net/connect_race.hpp"
#include "common/net/tail_room.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;

Error socket_error() { return Error(ErrorCode::unreachable, errno_text(errno)); }

// An error's message is the cause alone.
Result<Socket> connect(const ServerUrl& url, Resolver& resolver, const CallScope& scope) {
  const Wakeup cancelled;
  if (cancelled.fd() < 0) return connect_error(errno);
  const OnCancel wake(scope.cancellation, [&] { cancelled.set(); });
  TACHIKOMA_TRY(auto addresses, resolver.resolve(url.host, url.port, scope, cancelled));
  ConnectRace race(std::move(addresses));
  while (!scope.cancellation.requested()) {
    if (scope.expired()) return Error(ErrorCode::unreachable, "it takes too long", {}, because("no_answer"));
    Result<Socket> winner = race.step(scope.poll_timeout(), cancelled.fd());
    if (!winner || winner->open()) return winner;
  }
  return Error(ErrorCode::cancelled, "cancelled while connecting");
}

}  // namespace

Connection::Connection(Socket socket) : socket_(std::move(socket)), fd_(socket_.fd()) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
}

std::unique_ptr<Connection> Connection::adopt(Socket socket) {
  return std::unique_ptr<Connection>(new Connection(std::move(socket)));
}

Result<std::unique_ptr<Connection>> Connection::open(const ServerUrl& url, Resolver& resolver, TlsClient& tls,
                                                     const CallScope& scope) {
  TACHIKOMA_TRY(Socket socket, connect(url, resolver, scope));
  std::unique_ptr<Connection> connection = adopt(std::move(socket));
  if (!url.tls) return connection;
  TACHIKOMA_TRY(connection->tls_, tls.start(std::move(connection->socket_), url.host, scope.cancellation));
  return connection;
}

Status Connection::send(OutgoingBytes bytes) {
  while (!bytes.empty()) {
    TACHIKOMA_TRY(const std::size_t sent, tls_ ? send_encrypted(bytes) : send_plain(bytes));
    bytes.remove_prefix(sent);
  }
  return Done{};
}

Result<std::size_t> Connection::send_plain(const OutgoingBytes& bytes) {
  while (true) {
    const ssize_t sent = send_bytes(fd_, bytes, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno != EINTR) return socket_error();
  }
}

// The first record begins with both parts: what is encrypted is copied anyway.
Result<std::size_t> Connection::send_encrypted(const OutgoingBytes& bytes) {
  constexpr std::size_t kRecord = 16 * 1024;
  if (bytes.first.empty()) return tls_->send(bytes.second);
  if (bytes.second.empty() || bytes.first.size() >= kRecord) return tls_->send(bytes.first);
  return tls_->send(std::string(bytes.first).append(bytes.second.substr(0, kRecord - bytes.first.size())));
}

Result<std::string_view> Connection::receive(const CallScope& scope) {
  if (scope.deadline && !poll_until(scope)) return Error(ErrorCode::timeout, "it takes too long");
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kBufferSize + kTailRoom);
  TACHIKOMA_TRY(const std::size_t size,
                tls_ ? tls_->receive(buffer_.get(), kBufferSize) : receive_plain(buffer_.get(), kBufferSize));
  return std::string_view(buffer_.get(), size);
}

Result<std::size_t> Connection::receive_plain(char* buffer, std::size_t size) {
  while (true) {
    const ssize_t received = ::recv(fd_, buffer, size, 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EINTR) return socket_error();
  }
}

bool Connection::poll_until(const CallScope& scope) const {
  if (tls_ && tls_->ready()) return true;
  pollfd polled{fd_, POLLIN, 0};
  int ready = -1;
  do {
    ready = ::poll(&polled, 1, scope.poll_timeout());
  } while (ready < 0 && errno == EINTR);
  return ready != 0;
}

bool Connection::wait(std::chrono::milliseconds limit) const {
  if (tls_ && tls_->ready()) return true;
  pollfd polled{fd_, POLLIN, 0};
  return ::poll(&polled, 1, static_cast<int>(limit.count())) > 0;
}

Connection::Parts Connection::take_apart() && { return {std::move(socket_), std::move(tls_), fd_}; }

void Connection::unwatch() {
  if (watched_in) ::epoll_ctl(watched_in->fd(), EPOLL_CTL_DEL, fd_, nullptr);
  watched_in.reset();
}

void Connection::interrupt() noexcept { ::shutdown(fd_, SHUT_RDWR); }

bool Connection::stale() const {
  char byte = 0;
  const ssize_t size = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace tachikoma::kit
