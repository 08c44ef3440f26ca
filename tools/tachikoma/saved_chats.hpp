// SPDX-License-Identifier: MIT
#pragma once

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
  /// Keeps the chat in a new file.
  static Status keep(Conversation& conversation);
  /// What --continue takes for this file: its id, or its path.
  static std::string name_of(const std::string& file);
};

}  // namespace tachikoma::cli
