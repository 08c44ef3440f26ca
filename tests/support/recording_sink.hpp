// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::testing {

/// Records every event as a line: "final: Hi", "call 0: id=a name=add {}".
class RecordingSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent& event) override;

  std::string lines;
  std::string text;  ///< of channel `final`
  std::size_t deltas = 0;
  std::size_t stop_after = 0;  ///< deltas; 0: never
  std::function<void()> on_delta = {};
};

/// The outcome of a call as text: finish, usage, model and extra, or the whole error.
std::string describe(const Result<ChatOutcome>& outcome);
std::string describe(const Error& error);

}  // namespace tachikoma::testing
