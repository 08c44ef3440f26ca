// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
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
///
/// Each new call is an event, even one of which nothing is known yet: the sink sees every call that there is,
/// and can stop. All pieces together take time linear in their number, whatever their indexes and ids are.
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
    std::string id = {};
    std::string name = {};
    bool told = false;  // its start went to the sink
    base::Utf8Repairer repairer = {};
  };
  // An index of the server's and an id; without an index, the calls under all indexes.
  using Key = std::pair<std::optional<std::int64_t>, std::string>;

  std::size_t find(const CallFragment& fragment);
  bool continues(std::size_t number, const CallFragment& fragment) const;
  void note_id(std::size_t number, const std::optional<std::int64_t>& index, std::string_view id);
  Flow emit(std::size_t number, const CallFragment& fragment);

  ChatSink& sink_;
  std::vector<Call> calls_;
  // The server's calls; its fragments never belong to one that was found in the text.
  std::optional<std::size_t> newest_;
  std::unordered_map<std::int64_t, std::size_t> newest_at_;  // by the server's index
  std::map<Key, std::size_t> by_id_;
  std::optional<std::size_t> newest_found_;  // in the text
  std::unordered_set<std::string> found_ids_;
};

}  // namespace tachikoma::kit
