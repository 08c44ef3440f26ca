// SPDX-License-Identifier: MIT
#include "common/http/web_socket.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <istream>
#include <poll.h>

#include <Poco/Buffer.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/Net/WebSocketImpl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "common/http/server_access.hpp"
#include "common/net/server_url.hpp"
#include "common/net/sigpipe_shield.hpp"
#include "common/poco/tls.hpp"

namespace tachikoma::kit {
namespace {

using PocoSocket = Poco::Net::WebSocket;

constexpr std::size_t kMaxControl = 125;
constexpr std::size_t kMaxRefusal = 64 * 1024;
constexpr long kStalledAfter = 30;  // seconds: for a frame that stops in the middle, or is not accepted

// POCO's constructor combines these steps, and drops the body of a refusal.
struct Handshake : PocoSocket {
  using PocoSocket::completeHandshake;
  using PocoSocket::createKey;
};

// Detects a vanished machine within half a minute.
void watch_peer(int fd) {
  const auto set = [&](int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Poco::Net::HTTPRequest write(const UpgradeRequest& wanted, const std::string& key) {
  Poco::Net::HTTPRequest request("GET", request_target(wanted.path), "HTTP/1.1");
  request.set("Host", wanted.authority);
  for (const auto& [name, value] : wanted.headers)
    if (fits_in_header(name) && fits_in_header(value)) request.add(name, value);
  request.set("Connection", "Upgrade");
  request.set("Upgrade", "websocket");
  request.set("Sec-WebSocket-Version", PocoSocket::WEBSOCKET_VERSION);
  request.set("Sec-WebSocket-Key", key);
  return request;
}

// " (1001, going away)" of a close frame; empty when it gives none.
std::string close_reason(std::string_view payload) {
  if (payload.size() < 2) return {};
  const int code = static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
  const std::string words = base::excerpt(payload.substr(2));
  return " (" + std::to_string(code) + (words.empty() ? "" : ", " + words) + ")";
}

// The body is left out if its length is unknown.
Document read_refusal(const Poco::Net::HTTPResponse& response, std::istream& body) {
  Document refusal;
  refusal.status = response.getStatus();
  refusal.server = response.get("Server", "");
  refusal.retry_after = response.get("Retry-After", "");
  if (!response.hasContentLength() && !response.getChunkedTransferEncoding() && response.getKeepAlive())
    return refusal;
  std::array<char, 4096> part;
  while (refusal.body.size() < kMaxRefusal && (body.read(part.data(), part.size()), body.gcount() > 0))
    refusal.body.append(part.data(), static_cast<std::size_t>(body.gcount()));
  return refusal;
}

class PocoWebSocket final : public WebSocket {
 public:
  explicit PocoWebSocket(Connection::Parts parts)
      : tls_(std::move(parts.tls)),
        plain_(tls_ ? dynamic_cast<PocoStream&>(*tls_).socket
                    : Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(parts.socket.release()))),
        fd_(parts.fd),
        interrupter_(::fcntl(fd_, F_DUPFD_CLOEXEC, 0)) {}
  ~PocoWebSocket() override {
    const SigpipeShield shield;  // for the last bytes of TLS
    socket_.reset();
    plain_ = Poco::Net::StreamSocket();
    tls_.reset();
  }

  /// The refusal, or nullopt once it is open.
  Result<std::optional<Document>> upgrade(const UpgradeRequest& request, const CallScope& scope);
  Status send(std::string_view text) override;
  bool wait(const Wakeup& wakeup) const override;
  Result<std::optional<std::string>> receive() override;
  void interrupt() noexcept override { ::shutdown(interrupter_.fd(), SHUT_RDWR); }

 private:
  Result<std::optional<std::string>> take_frame(int flags, std::string_view payload);
  // POCO returns the same value at the end of the connection and for an empty part of a message.
  bool ended() const {
    char byte = 0;
    return ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }
  void send_frame(std::string_view payload, int flags) {
    const SigpipeShield shield;
    socket_->sendFrame(payload.data(), static_cast<int>(payload.size()), flags);
  }

  std::unique_ptr<TlsStream> tls_;
  Poco::Net::StreamSocket plain_;
  const int fd_;
  const Socket interrupter_;  // a descriptor of its own: POCO may close the other at any time
  std::optional<PocoSocket> socket_;
  std::string message_;  // the part received so far
  bool in_message_ = false;
};

Result<std::optional<Document>> PocoWebSocket::upgrade(const UpgradeRequest& request,
                                                       const CallScope& scope) {
  if (!interrupter_.open()) return connect_error(errno);
  watch_peer(fd_);
  const SigpipeShield shield;
  const OnCancel cut(scope.cancellation, [&] { interrupt(); });
  try {
    plain_.setReceiveTimeout(Poco::Timespan(kStalledAfter, 0));
    plain_.setSendTimeout(Poco::Timespan(kStalledAfter, 0));
    Poco::Net::HTTPClientSession session(plain_);
    session.setKeepAlive(true);
    const std::string key = Handshake::createKey();
    Poco::Net::HTTPRequest head = write(request, key);
    session.sendRequest(head);
    Poco::Net::HTTPResponse response;
    std::istream& body = session.receiveResponse(response);
    if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_SWITCHING_PROTOCOLS)
      return std::optional(read_refusal(response, body));
    socket_.emplace(Poco::Net::StreamSocket(Handshake::completeHandshake(session, response, key)));
    socket_->setMaxPayloadSize(kMaxWebSocketMessage);
    return std::optional<Document>();
  } catch (const Poco::Net::NoMessageException&) {
    return Error(ErrorCode::unreachable, "it closed the connection without an answer");
  } catch (const Poco::Net::MessageException& failure) {
    return Error(ErrorCode::protocol, "its answer is not HTTP: " + failure.displayText());
  } catch (const Poco::Net::WebSocketException& failure) {
    return Error(ErrorCode::protocol, "its answer is not an upgrade: " + failure.message());
  } catch (const Poco::Exception& failure) {
    return unreachable(failure);
  }
}

Status PocoWebSocket::send(std::string_view text) {
  try {
    send_frame(text, PocoSocket::FRAME_TEXT);
    return Done{};
  } catch (const Poco::Exception& failure) {
    return unreachable(failure);
  }
}

bool PocoWebSocket::wait(const Wakeup& wakeup) const {
  try {
    if (socket_->available() > 0) return true;  // TLS may have buffered more
  } catch (const Poco::Exception&) {
    return true;  // the next read reports the error
  }
  std::array<pollfd, 2> waiting{pollfd{fd_, POLLIN, 0}, pollfd{wakeup.fd(), POLLIN, 0}};
  ::poll(waiting.data(), waiting.size(), -1);
  if (waiting[1].revents) wakeup.clear();
  return waiting[0].revents != 0;
}

Result<std::optional<std::string>> PocoWebSocket::receive() {
  const SigpipeShield shield;  // TLS may write in order to read
  try {
    int flags = 0;
    Poco::Buffer<char> frame(0);
    const int size = socket_->receiveFrame(frame, flags);
    if (size < 0 || (size == 0 && flags == 0 && ended()))
      return Error(ErrorCode::unreachable, "it closed the connection");
    return take_frame(flags, {frame.begin(), static_cast<std::size_t>(size)});
  } catch (const Poco::Net::WebSocketException& failure) {
    if (failure.code() == PocoSocket::WS_ERR_PAYLOAD_TOO_BIG)
      return Error(ErrorCode::protocol, "it sends a frame larger than 64 MiB");
    return Error(ErrorCode::unreachable, "it closed the connection inside a frame");
  } catch (const Poco::TimeoutException&) {
    return Error(ErrorCode::unreachable, "it stopped inside a frame");
  } catch (const Poco::Exception& failure) {
    return unreachable(failure);
  }
}

Result<std::optional<std::string>> PocoWebSocket::take_frame(int flags, std::string_view payload) {
  const auto broken = [](std::string what) { return Error(ErrorCode::protocol, std::move(what)); };
  constexpr int kReserved =
      PocoSocket::FRAME_FLAG_RSV1 | PocoSocket::FRAME_FLAG_RSV2 | PocoSocket::FRAME_FLAG_RSV3;
  const int opcode = flags & PocoSocket::FRAME_OP_BITMASK;
  const bool final = flags & PocoSocket::FRAME_FLAG_FIN;
  if (flags & kReserved) return broken("it sends a frame with reserved bits set");
  if (opcode >= PocoSocket::FRAME_OP_CLOSE) {
    if (!final || payload.size() > kMaxControl) return broken("it sends a control frame that is too large");
    if (opcode == PocoSocket::FRAME_OP_CLOSE) {
      socket_->shutdown();  // the reply to a close frame
      return Error(ErrorCode::unreachable, "it closed the WebSocket" + close_reason(payload));
    }
    if (opcode == PocoSocket::FRAME_OP_PING)
      send_frame(payload, PocoSocket::FRAME_FLAG_FIN | int{PocoSocket::FRAME_OP_PONG});
    else if (opcode != PocoSocket::FRAME_OP_PONG)
      return broken("it sends a frame of an unknown kind");
    return std::optional<std::string>();
  }
  if (opcode > PocoSocket::FRAME_OP_TEXT) return broken("it sends a frame that is not text");
  if ((opcode == PocoSocket::FRAME_OP_CONT) != in_message_)
    return broken(in_message_ ? "it begins a message inside another"
                              : "it continues a message that it never began");
  if (message_.size() + payload.size() > kMaxWebSocketMessage)
    return broken("it sends a message larger than 64 MiB");
  message_ += payload;
  in_message_ = !final;
  if (!final) return std::optional<std::string>();
  return std::optional<std::string>(std::exchange(message_, {}));
}

}  // namespace
}  // namespace tachikoma::kit

extern "C" [[gnu::visibility("default")]] tachikoma::kit::OpenWebSocket tachikoma_open_web_socket;

tachikoma::Result<tachikoma::kit::WebSocket::Upgrade> tachikoma_open_web_socket(
    std::unique_ptr<tachikoma::kit::Connection> connection, const tachikoma::kit::UpgradeRequest& request,
    const tachikoma::kit::CallScope& scope) {
  using namespace tachikoma::kit;
  auto socket = std::make_unique<PocoWebSocket>(std::move(*connection).take_apart());
  TACHIKOMA_TRY(std::optional<Document> refusal, socket->upgrade(request, scope));
  if (refusal) return WebSocket::Upgrade(*std::move(refusal));
  return WebSocket::Upgrade(std::unique_ptr<WebSocket>(std::move(socket)));
}
