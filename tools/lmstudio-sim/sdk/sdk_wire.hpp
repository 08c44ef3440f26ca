// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/Net/WebSocket.h>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// Text messages over one WebSocket. One thread receives; any thread may do the rest.
class SdkWire {
 public:
  explicit SdkWire(const Poco::Net::WebSocket& socket);

  /// Waits until something can be received; false when the time is up.
  bool wait(std::chrono::milliseconds time);
  /// The next complete message; nothing when the connection has ended.
  std::optional<std::string> receive();
  /// Sends a message; false when the connection has ended.
  bool send(const JsonValue& message);
  bool send_text(std::string_view text);
  /// Closes the connection properly.
  void close();
  /// Closes it at once.
  void cut();
  /// Resets it.
  void reset();

 private:
  bool send_frame(std::string_view payload, int opcode);

  Poco::Net::WebSocket socket_;
  std::mutex sending_;
};

}  // namespace lmstudio_sim
