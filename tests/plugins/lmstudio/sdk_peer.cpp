// SPDX-License-Identifier: MIT
#include "plugins/lmstudio/sdk_peer.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <Poco/DigestEngine.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/SHA1Engine.h>
#include <sys/socket.h>

#include "base/base64.hpp"
#include "base/json.hpp"

namespace tachikoma::testing {

std::string frame(std::string_view payload, int opcode, bool final) {
  std::string bytes(1, static_cast<char>(opcode | (final ? 0x80 : 0)));
  const std::size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  bytes += static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127);
  for (int i = length_bytes; i-- > 0;) bytes += static_cast<char>(size >> (8 * i) & 0xff);
  return bytes.append(payload);
}

const std::string& SdkPeer::request() {
  while (request_.find("\r\n\r\n") == std::string::npos)
    if (!read_exactly(request_, 1)) return request_ = "";
  return request_;
}

void SdkPeer::upgrade(std::string_view behind) {
  const std::string field = "Sec-WebSocket-Key: ";
  const std::size_t at = request().find(field);
  if (at == std::string::npos) return;
  const std::string key = request_.substr(at + field.size(), request_.find("\r\n", at) - at - field.size());
  Poco::SHA1Engine sha1;
  sha1.update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  const Poco::DigestEngine::Digest& digest = sha1.digest();
  std::string accept;
  base::append_base64(accept, {reinterpret_cast<const char*>(digest.data()), digest.size()});
  send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept + "\r\n\r\n" + std::string(behind));
}

void SdkPeer::open() {
  upgrade();
  read();
  say(Value::object({{"success", true}}));
}

bool SdkPeer::read_exactly(std::string& out, std::size_t size) {
  try {
    while (size > 0) {
      char part[4096];
      const int got = socket_.receiveBytes(part, static_cast<int>(std::min(size, sizeof part)));
      if (got <= 0) return false;
      out.append(part, static_cast<std::size_t>(got));
      size -= static_cast<std::size_t>(got);
    }
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

std::optional<std::string> SdkPeer::read() {
  std::string head;
  if (!read_exactly(head, 2)) return std::nullopt;
  opcode_ = head[0] & 0x0f;
  std::size_t size = head[1] & 0x7f;
  if (size >= 126) {
    std::string length;
    if (!read_exactly(length, size == 126 ? 2 : 8)) return std::nullopt;
    size = 0;
    for (const char c : length) size = size << 8 | static_cast<unsigned char>(c);
  }
  std::string mask;
  std::string payload;
  if (!read_exactly(mask, 4) || !read_exactly(payload, size)) return std::nullopt;
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return payload;
}

Value SdkPeer::read_json() {
  const std::optional<std::string> text = read();
  if (!text || opcode_ != 1) return Value();
  return base::parse_json(*text).value();
}

bool SdkPeer::send(std::string_view bytes) {
  try {
    while (!bytes.empty()) {
      const int sent = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

bool SdkPeer::say(const Value& message) { return send(frame(base::to_json(message))); }

bool SdkPeer::answer(const Value& request, const Value& result) {
  Value reply = Value::object({{"type", "rpcResult"}, {"callId", request["callId"]}});
  if (!result.is_null()) reply.set("result", result);
  return say(reply);
}

void SdkPeer::wait_for_close() {
  while (read()) continue;
}

void SdkPeer::close() { ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR); }

struct SdkPeerServer::State {
  Script script;
  std::unique_ptr<Poco::Net::ServerSocket> listener;
  std::thread acceptor;
  std::atomic<int> accepted = 0;
  std::vector<Poco::Net::StreamSocket> open;  // the acceptor's, until it has ended
  std::vector<std::thread> served;

  void accept() {
    try {
      while (true) serve(listener->acceptConnection());
    } catch (const Poco::Exception&) {
      // the listener was shut down
    }
  }
  void serve(Poco::Net::StreamSocket socket) {
    const int number = accepted++;
    socket.setNoDelay(true);
    open.push_back(socket);
    served.emplace_back([this, socket, number]() mutable {
      SdkPeer peer(socket);
      script(peer, number);
      ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
    });
  }
};

SdkPeerServer::SdkPeerServer(Script script, const std::string& folder) : state_(std::make_unique<State>()) {
  using Poco::Net::Context;
  const Poco::Net::SocketAddress address("127.0.0.1", 0);
  state_->script = std::move(script);
  if (folder.empty()) {
    state_->listener = std::make_unique<Poco::Net::ServerSocket>(address);
  } else {
    const Context::Ptr context =
        new Context(Context::TLS_SERVER_USE, folder + "/key.pem", folder + "/cert.pem", "");
    state_->listener = std::make_unique<Poco::Net::SecureServerSocket>(address, 64, context);
  }
  state_->acceptor = std::thread([state = state_.get()] { state->accept(); });
}

SdkPeerServer::~SdkPeerServer() {
  ::shutdown(state_->listener->impl()->sockfd(), SHUT_RDWR);
  state_->acceptor.join();
  for (const auto& socket : state_->open) ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
  for (std::thread& each : state_->served) each.join();
}

std::uint16_t SdkPeerServer::port() const { return state_->listener->address().port(); }

int SdkPeerServer::connections() const { return state_->accepted; }

}  // namespace tachikoma::testing
