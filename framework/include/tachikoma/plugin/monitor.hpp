// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/component.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// One event in the life of a generation. A plain value.
struct MonitorEvent {
  enum class Kind : std::uint8_t { started, first_token, finished, failed };
  Kind kind = Kind::started;
  std::chrono::system_clock::time_point time = {};
  std::string request_id = {};
  std::string provider = {};
  std::string model = {};                   ///< the requested model
  std::string served_model = {};            ///< finished: the model that answered, as the server names it
  std::chrono::nanoseconds elapsed{0};      ///< since the start
  std::chrono::nanoseconds decode_time{0};  ///< finished: first token to end
  /// Finished: while generating. Not the tokens by `decode_time`, which does not have the time of the first.
  Sourced<double> tokens_per_second{};
  Usage usage = {};                 ///< finished
  Finish finish = Finish::unknown;  ///< finished
  Error error = {};                 ///< failed
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

/// Observes generations; can't influence them.
///
/// The host calls each monitor on a thread of its own, in order, never on a generation's thread: a slow
/// monitor misses events (which is counted and logged) and delays no generation.
class Monitor : public Component {
 public:
  virtual void on_event(const MonitorEvent& event) = 0;
  /// Writes out buffered data. Called after the last event, before destruction.
  virtual Status flush() { return Done{}; }
};

}  // namespace tachikoma
