// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace Poco::Net {
class StreamSocket;
}

namespace tachikoma::testing {

/// One frame of a WebSocket as a server sends it.
std::string frame(std::string_view payload, int opcode = 1, bool final = true);

/// The server's side of one connection, in the hands of the test's script. Nothing but the script decides
/// what is sent, so that everything that can be wrong can be played.
class SdkPeer {
 public:
  explicit SdkPeer(Poco::Net::StreamSocket& socket) : socket_(socket) {}

  /// The head of the client's request for an upgrade; empty when it closed first.
  const std::string& request();
  /// Answers it with the upgrade, and these bytes right behind.
  void upgrade(std::string_view behind = {});
  /// Upgrades, and lets the client in.
  void open();

  /// The payload of the client's next frame, unmasked; nothing when it closed. `opcode()` is its kind.
  std::optional<std::string> read();
  int opcode() const { return opcode_; }
  /// The next frame as JSON; null when the client closed.
  Value read_json();

  /// False when the client is gone.
  bool send(std::string_view bytes);
  bool say(const Value& message);
  /// Answers the call `request` with `result`.
  bool answer(const Value& request, const Value& result);
  /// Waits until the client closes.
  void wait_for_close();
  void close();

 private:
  bool read_exactly(std::string& out, std::size_t size);

  Poco::Net::StreamSocket& socket_;
  std::string request_;
  int opcode_ = 0;
};

/// A server on a free loopback port that plays `script` to each connection, each on a thread of its own, with
/// the connection's number from 0. Its end cuts what is still open. `folder`: speak TLS with the `key.pem`
/// and `cert.pem` there.
class SdkPeerServer {
 public:
  using Script = std::function<void(SdkPeer& peer, int number)>;

  explicit SdkPeerServer(Script script, const std::string& folder = {});
  ~SdkPeerServer();

  std::uint16_t port() const;
  /// How many connections there were.
  int connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tachikoma::testing
