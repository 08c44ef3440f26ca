// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call_ids.hpp"
#include "base/utf8.hpp"
#include "common/chat/call_arguments.hpp"
#include "tachikoma/plugin/chat.hpp"
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
/// they arrive. A second name under one index is another call if its id differs, whatever the server's
/// numbering says; another id alone is not. No id is used twice, neither in the reply nor in `history`.
class ToolCallTracker {
 public:
  /// `history`, the messages that the model answers, must outlive it.
  explicit ToolCallTracker(ChatSink& sink, std::span<const Message> history = {})
      : sink_(sink), ids_(history) {}

  /// Processes a piece of a call.
  Flow on_fragment(const CallFragment& fragment);
  /// Starts a call that the server does not know about: it was found in the text of the answer.
  Flow start(const CallFragment& fragment);
  /// Adds arguments to the call that was started last.
  Flow add_arguments(std::string_view text);
  /// Gives calls without an id one of nine letters and digits, which is what Mistral's models accept, so that
  /// they can be answered.
  Flow finish();

  bool empty() const { return calls_.empty(); }

 private:
  struct Call {
    std::int64_t index = 0;  // the server's
    bool ours = false;       // found in the text, so none of the server's fragments belongs to it
    std::string id = {};
    std::string given_id = {};  // the server's, which may be in use already
    std::string name = {};
    base::Utf8Repairer repairer = {};
    CallArguments arguments = {};
  };
  std::size_t find(const CallFragment& fragment);
  Flow emit(std::size_t number, const CallFragment& fragment);
  bool is_used(std::string_view id) const;
  std::string new_id();

  ChatSink& sink_;
  base::CallIds ids_;
  std::vector<Call> calls_;
};

}  // namespace tachikoma::kit
