// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "http/json_value.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// Who may use the WebSockets. Thread-safe.
class WebSocketClients {
 public:
  explicit WebSocketClients(const Script& script) : script_(script) {}
  /// Whether a frame is an authentication packet; what is none is ignored.
  static bool is_packet(const JsonValue& frame);
  /// Why this packet's sender is refused; nothing when it may stay. An identifier belongs to the first
  /// who comes with it.
  std::optional<std::string> refuse(const JsonValue& packet);
  void reset();

 private:
  const Script& script_;
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> passkeys_;  // by identifier; guarded by mutex_
};

}  // namespace lmstudio_sim
