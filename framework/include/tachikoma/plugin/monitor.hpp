// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/component.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// One thing that happened to a generation. A plain value.
struct MonitorEvent {
  enum class Kind : std::uint8_t { started, first_token, finished, failed };
  Kind kind = Kind::started;
  std::chrono::system_clock::time_point time = {};
  std::string request_id = {};
  std::string provider = {};
  std::string model = {};                   ///< the model asked for
  std::string served_model = {};            ///< finished: the one that the server says answered
  std::chrono::nanoseconds elapsed{0};      ///< since the start
  std::chrono::nanoseconds decode_time{0};  ///< finished: first token to end
  Usage usage = {};                         ///< finished
  Finish finish = Finish::unknown;          ///< finished
  Error error = {};                         ///< failed
};

/// "started", "first_token", "finished" or "failed".
constexpr std::string_view to_string(MonitorEvent::Kind kind) noexcept {
  switch (kind) {
    case MonitorEvent::Kind::started: return "started";
    case MonitorEvent::Kind::first_token: return "first_token";
    case MonitorEvent::Kind::finished: return "finished";
    case MonitorEvent::Kind::failed: return "failed";
  }
  return "started";
}

/// Watches generations; never steers them.
///
/// The host calls a monitor on one thread of its own, in order, never from a generation's thread: a
/// slow monitor loses events (counted and logged), and delays nobody.
class Monitor : public Component {
 public:
  virtual void on_event(const MonitorEvent& event) = 0;
  /// Writes out what is held back. Called after the last event, before destruction.
  virtual Status flush() { return Done{}; }
};

}  // namespace tachikoma
