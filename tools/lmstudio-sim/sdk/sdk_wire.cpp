// SPDX-License-Identifier: MIT
#include "sdk/sdk_wire.hpp"

#include <Poco/Buffer.h>
#include <Poco/Net/NetException.h>
#include <sys/socket.h>

#include "http/json_value.hpp"

namespace lmstudio_sim {

using Poco::Net::WebSocket;

namespace {

constexpr int kMaxMessageSize = 64 << 20;

}  // namespace

SdkWire::SdkWire(const WebSocket& socket) : socket_(socket) {
  socket_.setReceiveTimeout(Poco::Timespan());  // a time-out inside a frame would break the framing
  socket_.setMaxPayloadSize(kMaxMessageSize);
}

bool SdkWire::wait(std::chrono::milliseconds time) {
  const auto limit = Poco::Timespan(std::chrono::microseconds(time).count());
  return socket_.available() > 0 || socket_.poll(limit, Poco::Net::Socket::SELECT_READ);
}

std::optional<std::string> SdkWire::receive() {
  std::string message;
  Poco::Buffer<char> frame(0);
  try {
    for (;;) {
      frame.resize(0);
      int flags = 0;
      const int size = socket_.receiveFrame(frame, flags);
      if (size <= 0 && flags == 0) return std::nullopt;
      const std::string_view payload(frame.begin(), frame.size());
      const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
      if (opcode == WebSocket::FRAME_OP_CLOSE) {
        send_frame(payload, WebSocket::FRAME_OP_CLOSE);
        return std::nullopt;
      }
      if (opcode == WebSocket::FRAME_OP_PING) send_frame(payload, WebSocket::FRAME_OP_PONG);
      if (opcode >= WebSocket::FRAME_OP_CLOSE) continue;  // a control frame, maybe between fragments
      message += payload;
      if (message.size() > kMaxMessageSize) return std::nullopt;
      if (flags & WebSocket::FRAME_FLAG_FIN) return message;
    }
  } catch (const Poco::Exception&) {  // the client left, or does not speak the protocol
    return std::nullopt;
  }
}

bool SdkWire::send_frame(std::string_view payload, int opcode) {
  const std::lock_guard lock(sending_);
  try {
    socket_.sendFrame(payload.data(), static_cast<int>(payload.size()),
                      int{WebSocket::FRAME_FLAG_FIN} | opcode);
    return true;
  } catch (const Poco::Exception&) {  // the client left
    return false;
  }
}

bool SdkWire::send_text(std::string_view text) { return send_frame(text, WebSocket::FRAME_OP_TEXT); }

bool SdkWire::send(const JsonValue& message) { return send_text(to_json(message)); }

void SdkWire::close() {
  static constexpr std::string_view kNormalClosure{"\x03\xE8", 2};
  send_frame(kNormalClosure, WebSocket::FRAME_OP_CLOSE);
}

// The descriptor stays open until the reading thread is done with it.
void SdkWire::cut() { ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR); }

void SdkWire::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.impl()->sockfd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::shutdown(socket_.impl()->sockfd(), SHUT_RD);
}

}  // namespace lmstudio_sim
