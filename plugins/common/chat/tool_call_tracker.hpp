// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
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
///
/// Each new call is an event, even one of which nothing is known yet: the sink sees every call that there is,
/// and can stop. All pieces together take time linear in their number, whatever their indexes and ids are.
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
    bool ours = false;  // found in the text, so none of the server's fragments belongs to it
    std::string id = {};
    std::string given_id = {};  // the server's, which may be in use already
    std::string name = {};
    bool told = false;  // its start went to the sink
    base::Utf8Repairer repairer = {};
    CallArguments arguments = {};
  };
  // An index of the server's and an id; without an index, the calls under all indexes.
  using Key = std::pair<std::optional<std::int64_t>, std::string>;

  std::size_t find(const CallFragment& fragment);
  static bool continues(const Call& call, const CallFragment& fragment);
  Flow emit(std::size_t number, const CallFragment& fragment);
  bool is_used(const std::string& id) const { return used_ids_.contains(id) || ids_.is_used(id); }
  std::string new_id();

  ChatSink& sink_;
  base::CallIds ids_;
  std::unordered_set<std::string> used_ids_;  // in this reply
  std::vector<Call> calls_;
  // The server's calls; its fragments never belong to one that was found in the text.
  std::optional<std::size_t> newest_;
  std::unordered_map<std::int64_t, std::size_t> newest_at_;  // by the server's index
  std::map<Key, std::size_t> by_id_;
  std::optional<std::size_t> newest_found_;  // in the text
};

}  // namespace tachikoma::kit
