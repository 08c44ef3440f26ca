// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/packed.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::cache {

/// Writes down what a provider says in one call. One thread at a time.
class AnswerRecorder {
 public:
  /// The call begins; an earlier one counts for nothing.
  void begin();
  /// All but progress, which says nothing of the answer.
  void note(const ChatEvent& event);
  /// The call has ended: the record. Its speeds are left out: they are none of whoever reads it.
  std::string end(const ChatOutcome& outcome);

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begun_{};
  PackedWriter writer_;
};

/// A record, read.
struct RecordedAnswer {
  struct Event {
    std::chrono::milliseconds at;  ///< since the call began
    ChatEvent event;               ///< its views are of `record`
  };

  /// Nullopt: it is not one, or not of this version.
  static std::optional<RecordedAnswer> read(std::string record);

  std::shared_ptr<const std::string> record;
  std::vector<Event> events = {};
  ChatOutcome outcome = {};
};

}  // namespace tachikoma::cache
