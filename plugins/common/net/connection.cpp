// SPDX-License-Identifier: MIT
#include "common/net/connection.hpp"

#include <cerrno>
#include <memory>
#include <poll.h>
#include <string>
#include <utility>

#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include "base/try.hpp"
#include "common/net/connect_race.hpp"
#include "common/net/sigpipe_shield.hpp"
#include "common/net/tail_room.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;

std::string describe(const Poco::Exception& failure) {
  return failure.code() > 0 ? errno_text(failure.code()) : failure.displayText();
}

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

struct Connection::Impl {
  explicit Impl(Socket connected)
      : fd(connected.fd()), socket(new Poco::Net::StreamSocketImpl(connected.release())) {
    socket.setBlocking(true);
  }

  const int fd;
  Poco::Net::StreamSocket socket;
  bool tls = false;
  std::unique_ptr<char[]> buffer = nullptr;  // allocated on demand
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Connection::~Connection() {
  const SigpipeShield shield(impl_->tls);  // OpenSSL writes without MSG_NOSIGNAL
  try {
    impl_->socket.close();
  } catch (const Poco::Exception&) {
    // nothing is lost: the descriptor is closed, only TLS's close notification could not be sent
  }
}

std::unique_ptr<Connection> Connection::adopt(Socket socket) {
  return std::unique_ptr<Connection>(new Connection(std::make_unique<Impl>(std::move(socket))));
}

Result<std::unique_ptr<Connection>> Connection::open(const ServerUrl& url, Resolver& resolver, TlsClient& tls,
                                                     const CallScope& scope) {
  TACHIKOMA_TRY(Socket socket, connect(url, resolver, scope));
  std::unique_ptr<Connection> connection = adopt(std::move(socket));
  if (!url.tls) return connection;
  TACHIKOMA_TRY_STATUS(connection->start_tls(tls, url.host, scope));
  return connection;
}

Status Connection::start_tls(TlsClient& tls, const std::string& host, const CallScope& scope) {
  impl_->tls = true;
  const SigpipeShield shield(true);
  const OnCancel cut(scope.cancellation, [&] { interrupt(); });
  try {
    tls.start(impl_->socket, host);
  } catch (const Poco::Exception& failure) {
    if (scope.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled while connecting");
    Error error(ErrorCode::unreachable, "TLS failed: " + describe(failure),
                "check the certificate; name its authority in tls.ca_file", because("tls"));
    error.retryable = false;
    return error;
  }
  return Done{};
}

Status Connection::send(std::string_view bytes) {
  const SigpipeShield shield(impl_->tls);
  try {
    while (!bytes.empty()) {
      const std::size_t size = std::min<std::size_t>(bytes.size(), 1 << 30);
      const int sent = impl_->socket.sendBytes(bytes.data(), static_cast<int>(size), MSG_NOSIGNAL);
      if (sent <= 0) return Error(ErrorCode::unreachable, "nothing more could be sent");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  } catch (const Poco::Exception& failure) {
    return Error(ErrorCode::unreachable, describe(failure));
  }
  return Done{};
}

Result<std::string_view> Connection::receive(const CallScope& scope) {
  const SigpipeShield shield(impl_->tls);
  try {
    if (scope.deadline && !(impl_->tls && impl_->socket.available() > 0)) {
      pollfd polled{impl_->fd, POLLIN, 0};
      if (::poll(&polled, 1, scope.poll_timeout()) == 0)
        return Error(ErrorCode::timeout, "it takes too long");
    }
    if (!impl_->buffer) impl_->buffer = std::make_unique_for_overwrite<char[]>(kBufferSize + kTailRoom);
    const int size = impl_->socket.receiveBytes(impl_->buffer.get(), static_cast<int>(kBufferSize));
    return std::string_view(impl_->buffer.get(), size > 0 ? static_cast<std::size_t>(size) : 0);
  } catch (const Poco::Exception& failure) {
    return Error(ErrorCode::unreachable, describe(failure));
  }
}

bool Connection::wait(std::chrono::milliseconds limit) const {
  try {
    if (impl_->tls && impl_->socket.available() > 0) return true;
  } catch (const Poco::Exception&) {
    return true;  // the next read reports the error
  }
  pollfd polled{impl_->fd, POLLIN, 0};
  return ::poll(&polled, 1, static_cast<int>(limit.count())) > 0;
}

int Connection::fd() const { return impl_->fd; }

Poco::Net::StreamSocket& Connection::socket() { return impl_->socket; }

void Connection::interrupt() noexcept { ::shutdown(impl_->fd, SHUT_RDWR); }

bool Connection::stale() const {
  char byte = 0;
  const ssize_t size = ::recv(impl_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace tachikoma::kit
