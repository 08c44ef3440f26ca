// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/conversation.hpp>

namespace tachikoma::cli {

/// The user's saved chats: a file for each, in the folder for what programs remember (XDG_STATE_HOME). An id
/// is the time at which the chat began, "2026-11-30-1432".
class SavedChats {
 public:
  /// Whether this user wants to save this chat: not with --no-save, nor with TACHIKOMA_NO_SAVE.
  static bool wanted(const Options& options);

  /// The chat that --continue names, by its id or by its file; the one that was last used if it names none.
  /// What is in use is copied, which `output` says. `invalid_argument` for an id that is none.
  static Result<Conversation> resume(Runtime& runtime, const std::string& name, bool saves, Output& output);
  /// What tells a saved chat from others.
  struct Summary {
    std::string id = {};
    std::string model = {};
    std::string began = {};  ///< its first question
    std::int64_t turns = 0;
  };
  /// The ids of all, the last used first.
  static std::vector<std::string> ids();
  /// The chats that were used last; one that can't be read is left out.
  static std::vector<Summary> recent(Runtime& runtime, std::size_t limit);
  /// Keeps the chat in a new file.
  static Status keep(Conversation& conversation);
  /// What --continue takes for this file: its id, or its path.
  static std::string name_of(const std::string& file);
};

}  // namespace tachikoma::cli
