// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/component.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// A call of a tool that was run in a generation.
struct ToolUse {
  std::string name = {};
  std::chrono::nanoseconds time{0};
  bool failed = false;  ///< what the model was told is an error
};

/// One event in the life of a generation. A plain value. What is not said to be of all events is of the last
/// one, `finished` or `failed`.
struct MonitorEvent {
  enum class Kind : std::uint8_t { started, first_token, finished, failed };
  Kind kind = Kind::started;  ///< of all, as what follows up to `elapsed`
  std::chrono::system_clock::time_point time = {};
  std::string request_id = {};
  std::string provider = {};
  std::string model = {};               ///< the requested model
  std::chrono::nanoseconds elapsed{0};  ///< since the start

  std::string served_model = {};  ///< the model that answered, as the server names it
  std::string server = {};        ///< the address of the last server asked; empty: unknown
  /// Until it was its turn: for its model's place in memory, and for a server that takes it.
  std::chrono::nanoseconds queue_time{0};
  std::chrono::nanoseconds load_time{0};    ///< until its model was loaded, if it waited for that
  std::vector<std::string> displaced = {};  ///< models that were unloaded for it: "provider::key"
  std::size_t steps = 1;                    ///< requests that the model answered
  std::size_t retries = 0;                  ///< requests that were repeated after a failure
  std::size_t fallbacks = 0;                ///< models that were asked before `model`, and could not answer
  std::vector<ToolUse> tool_uses = {};      ///< in the order of the calls
  bool cached = false;                      ///< the answer is of the response cache: no model was asked
  Error error = {};                         ///< failed

  Sourced<std::chrono::nanoseconds> time_to_first_token{};  ///< finished, as all that follows
  std::chrono::nanoseconds decode_time{0};                  ///< first token to end
  /// While generating. Not the tokens by `decode_time`, which does not have the time of the first.
  Sourced<double> tokens_per_second{};
  Sourced<double> prompt_tokens_per_second{};  ///< while reading prompts, without what was cached
  Usage usage = {};
  Finish finish = Finish::unknown;
  Value extra = {};  ///< anything else the server reported: an object, or null
  /// What was said; only while there is a monitor that `wants_content`.
  std::vector<Message> asked = {}, answered = {};
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
  /// Whether events are to have what was said. Asked once, when it is created.
  virtual bool wants_content() const { return false; }
  /// Writes out buffered data. Called after the last event, before destruction.
  virtual Status flush() { return Done{}; }
};

}  // namespace tachikoma
