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

/// Numbers the calls of one reply and tells the sink their pieces: each id and name once, arguments as they
/// come. A second id under one index is another call, whatever the server's numbering says.
class ToolCallTracker {
 public:
  explicit ToolCallTracker(ChatSink& sink) : sink_(sink) {}

  /// A piece of whichever call it belongs to.
  Flow on_fragment(const CallFragment& fragment);
  /// Another call, of which the server knows nothing: it was found in the text of the answer.
  Flow start(const CallFragment& fragment);
  /// More of the arguments of the call that was started last.
  Flow add_arguments(std::string_view text);
  /// Gives calls without an id one of their own, `call_<number>`, so that they can be answered.
  Flow finish();

 private:
  struct Call {
    std::int64_t index = 0;  // the server's
    bool ours = false;       // the server knows nothing of it, so no fragment of its own belongs to it
    std::string id = {};
    std::string name = {};
    base::Utf8Repairer repairer = {};
  };
  std::size_t find(const CallFragment& fragment);
  Flow tell(std::size_t number, const CallFragment& fragment);

  ChatSink& sink_;
  std::vector<Call> calls_;
};

}  // namespace tachikoma::kit
