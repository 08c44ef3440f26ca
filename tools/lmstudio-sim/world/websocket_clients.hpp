// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "http/json_value.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// Authenticates the clients of the WebSockets. Thread-safe.
class WebSocketClients {
 public:
  explicit WebSocketClients(const Script& script) : script_(script) {}
  /// True when a frame is an authentication packet; any other frame is to be ignored.
  static bool is_packet(const JsonValue& frame);
  /// Why the sender of a packet is refused; nothing when it is accepted. An identifier belongs to the first
  /// client that uses it.
  std::optional<std::string> refuse(const JsonValue& packet);
  void reset();

 private:
  const Script& script_;
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> passkeys_;  // by identifier; guarded by mutex_
};

}  // namespace lmstudio_sim
