// SPDX-License-Identifier: MIT
#include "common/connection.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <poll.h>
#include <string>
#include <system_error>
#include <utility>

#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>

#include "common/event_stream.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;
constexpr auto kNextAddressAfter = std::chrono::milliseconds(250);  // RFC 8305's recommendation

std::string errno_text(int code) {
  std::string text = std::generic_category().message(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string describe(const Poco::Exception& failure) {
  return failure.code() > 0 ? errno_text(failure.code()) : failure.displayText();
}

// OpenSSL writes without MSG_NOSIGNAL: keeps a SIGPIPE that this thread causes from reaching the application.
class SigpipeShield {
 public:
  explicit SigpipeShield(bool needed) : needed_(needed) {
    if (!needed_) return;
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeShield() {
    if (!needed_) return;
    const timespec now{};
    if (!was_pending_) ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeShield(const SigpipeShield&) = delete;
  SigpipeShield& operator=(const SigpipeShield&) = delete;

 private:
  bool needed_;
  bool was_pending_ = false;
  sigset_t pipe_{};
  sigset_t before_{};
};

// Connects to the first address that answers; later ones join in while earlier ones keep silent.
class ConnectRace {
 public:
  ConnectRace(std::vector<SocketAddress> addresses, const CallScope& scope, const Wakeup& cancelled)
      : addresses_(std::move(addresses)), scope_(scope), cancelled_(cancelled) {}

  // An error's message is the cause alone.
  Result<Poco::Net::StreamSocket> run() {
    while (!scope_.cancellation.requested()) {
      start_due();
      if (running_.empty()) return Error(ErrorCode::unreachable, errno_text(last_failure_));
      if (scope_.expired()) return Error(ErrorCode::unreachable, "it takes too long");
      if (auto winner = wait()) return *std::move(winner);
    }
    return Error(ErrorCode::cancelled, "cancelled while connecting");
  }

 private:
  void start_due() {
    while (next_ < addresses_.size() && (running_.empty() || CallScope::Clock::now() >= next_start_)) {
      const SocketAddress& address = addresses_[next_++];
      Poco::Net::StreamSocket socket;
      try {
        socket.connectNB(
            Poco::Net::SocketAddress(reinterpret_cast<const sockaddr*>(&address.storage), address.length));
        running_.push_back(std::move(socket));
        next_start_ = CallScope::Clock::now() + kNextAddressAfter;
      } catch (const Poco::Exception& failure) {
        last_failure_ = failure.code() > 0 ? failure.code() : ECONNREFUSED;
      }
    }
  }

  std::optional<Poco::Net::StreamSocket> wait() {
    std::vector<pollfd> polled{{cancelled_.fd(), POLLIN, 0}};
    for (const auto& socket : running_) polled.push_back({socket.impl()->sockfd(), POLLOUT, 0});
    int timeout = scope_.poll_timeout();
    if (next_ < addresses_.size()) {
      const int pause = CallScope{scope_.cancellation, next_start_}.poll_timeout();
      timeout = timeout < 0 ? pause : std::min(timeout, pause);
    }
    ::poll(polled.data(), polled.size(), timeout);
    for (std::size_t i = polled.size(); i-- > 1;) {
      if (!polled[i].revents) continue;
      Poco::Net::StreamSocket socket = running_[i - 1];
      const int failure = socket.impl()->socketError();
      if (!failure) return socket;
      last_failure_ = failure;
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i) - 1);
      next_start_ = {};
    }
    return std::nullopt;
  }

  std::vector<SocketAddress> addresses_;
  const CallScope& scope_;
  const Wakeup& cancelled_;
  std::vector<Poco::Net::StreamSocket> running_;
  std::size_t next_ = 0;
  CallScope::Clock::time_point next_start_{};
  int last_failure_ = ECONNREFUSED;
};

}  // namespace

struct Connection::Impl {
  Poco::Net::StreamSocket socket;
  bool tls = false;
  int fd = -1;
  std::unique_ptr<char[]> buffer = std::make_unique_for_overwrite<char[]>(kBufferSize + kTailRoom);
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Connection::~Connection() {
  const SigpipeShield shield(impl_->tls);
  try {
    impl_->socket.close();
  } catch (const Poco::Exception&) {
    // nothing is lost: the descriptor is closed, only the farewell could not be sent
  }
}

Result<std::unique_ptr<Connection>> Connection::open(const ServerUrl& url, Resolver& resolver, TlsClient& tls,
                                                     const CallScope& scope) {
  const Wakeup cancelled;
  if (cancelled.fd() < 0)
    return Error(ErrorCode::internal, "no free file descriptor (" + errno_text(errno) + ")");
  auto impl = std::make_unique<Impl>();
  {
    const OnCancel wake(scope.cancellation, [&] { cancelled.set(); });
    auto addresses = resolver.resolve(url.host, url.port, scope, cancelled);
    if (!addresses) return std::move(addresses).error();
    auto connected = ConnectRace(*std::move(addresses), scope, cancelled).run();
    if (!connected) return std::move(connected).error();
    impl->socket = *std::move(connected);
  }
  impl->tls = url.tls;
  impl->fd = impl->socket.impl()->sockfd();
  try {
    impl->socket.setBlocking(true);
    impl->socket.setNoDelay(true);
    if (url.tls) {
      const SigpipeShield shield(true);
      const OnCancel cut(scope.cancellation, [&] { ::shutdown(impl->fd, SHUT_RDWR); });
      tls.start(impl->socket, url.host);
    }
  } catch (const Poco::Exception& failure) {
    if (scope.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled while connecting");
    Error error(ErrorCode::unreachable, "TLS failed: " + describe(failure),
                "check the certificate; name its authority in tls.ca_file");
    error.retryable = false;
    return error;
  }
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
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
    return true;  // the next read says what is wrong
  }
  pollfd polled{impl_->fd, POLLIN, 0};
  return ::poll(&polled, 1, static_cast<int>(limit.count())) > 0;
}

void Connection::interrupt() noexcept { ::shutdown(impl_->fd, SHUT_RDWR); }

bool Connection::stale() const {
  char byte = 0;
  const ssize_t size = ::recv(impl_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace tachikoma::kit
