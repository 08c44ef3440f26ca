// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "common/chat/harmony_reader.hpp"
#include "common/chat/reasoning_splitter.hpp"
#include "common/chat/tool_call_tracker.hpp"
#include "common/chat/unparsed_tool_call_finder.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::kit {

/// Parses the text of an answer for a sink: channels that the server did not separate, and calls that
/// it did not recognise. The result does not depend on how the text is cut. Not synchronised.
class AnswerText {
 public:
  /// All must outlive it. `tools` are those that the request offered: calls are looked for if there are any.
  AnswerText(ChatSink& sink, ToolCallTracker& calls, std::span<const ToolSpec> tools)
      : sink_(sink),
        calls_(calls),
        find_calls_(!tools.empty()),
        finder_(tools),
        reasoned_finder_(tools, false) {}

  /// More of the text, UTF-8, not empty.
  Flow push(std::string_view text);
  /// More of the reasoning, if the server separates it.
  Flow push_reasoning(Channel channel, std::string_view text);
  /// The server itself separates reasoning from the answer, so tags in the text are plain text.
  Flow reasoning_is_separate();
  /// The text has ended: passes on what was held back.
  Flow finish();

 private:
  Flow read_harmony();
  Flow read_tags();
  Flow read_calls();
  Flow emit(const AnswerPiece& piece);
  Flow tell_final(std::string_view text);
  Flow tell_call(const UnparsedToolCall& call);
  Flow flush_calls();
  Flow tell_reasoned_calls();
  Flow deliver(Channel channel, std::string_view text);
  Flow notify(std::string_view sentence);

  ChatSink& sink_;
  ToolCallTracker& calls_;
  const bool find_calls_;
  bool told_of_found_ = false;
  bool told_of_unreadable_ = false;
  HarmonyReader harmony_;
  ReasoningSplitter reasoning_;
  UnparsedToolCallFinder finder_;
  bool answered_ = false;  // with text
  ChatEvent piece_;        // of the text; kept, because filling a new one takes longer than passing it on
  UnparsedToolCallFinder reasoned_finder_;  // in the reasoning
  std::vector<UnparsedToolCall> reasoned_calls_;
};

}  // namespace tachikoma::kit
