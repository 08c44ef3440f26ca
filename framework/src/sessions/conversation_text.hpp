// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

/// A conversation as text (docs/json.md): a line about it, and one for each message.

namespace tachikoma::sessions {

/// What a file says of a conversation beside its messages.
struct ConversationHead {
  std::string model;
  GenerationSettings settings;
  std::optional<std::int64_t> token_budget;
};

struct StoredConversation {
  ConversationHead head;
  std::vector<Message> messages;
  std::vector<std::string> notices = {};  ///< what was left out, a sentence each
  bool whole = true;                      ///< false: its end was cut off, nothing may be appended to it
};

std::string to_line(const ConversationHead& head);

/// Messages that are written at once, each a line that says whether more follow: of a turn that was cut off,
/// nothing is read. Fails with `invalid_argument` for wire fields that no JSON text can have.
Result<std::string> to_lines(std::span<const Message> turn);

/// Whether a text begins as one of a conversation does, of whichever schema.
bool is_conversation(std::string_view text);

/// `file` is for the errors and notices, which name its lines. Fails with `invalid_argument`.
Result<StoredConversation> read_conversation(std::string_view text, const std::string& file);

}  // namespace tachikoma::sessions
