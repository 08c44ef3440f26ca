// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::kit {

/// A piece of a tool call as a chunk carries it.
struct CallFragment {
  std::optional<std::int64_t> index = {};
  std::string_view id = {};
  std::string_view name = {};
  std::string_view arguments = {};
};

/// Numbers the calls of one reply and passes their pieces to the sink: each id and name once, arguments as
/// they arrive. A second id under one index is another call, whatever the server's numbering says.
class ToolCallTracker {
 public:
  explicit ToolCallTracker(ChatSink& sink) : sink_(sink) {}

  /// Processes a piece of a call.
  Flow on_fragment(const CallFragment& fragment);
  /// Starts a call that the server does not know about: it was found in the text of the answer.
  Flow start(const CallFragment& fragment);
  /// Adds arguments to the call that was started last.
  Flow add_arguments(std::string_view text);
  /// Gives calls without an id the id `call_<number>`, so that they can be answered.
  Flow finish();

 private:
  struct Call {
    std::int64_t index = 0;  // the server's
    bool ours = false;       // found in the text, so none of the server's fragments belongs to it
    std::string id = {};
    std::string name = {};
    base::Utf8Repairer repairer = {};
  };
  std::size_t find(const CallFragment& fragment);
  Flow emit(std::size_t number, const CallFragment& fragment);

  ChatSink& sink_;
  std::vector<Call> calls_;
};

}  // namespace tachikoma::kit
