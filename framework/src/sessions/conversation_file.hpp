// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sessions/conversation_text.hpp"
#include "sessions/private_file.hpp"

namespace tachikoma::sessions {

/// Writes a whole file, in place of another conversation's; nothing else is replaced.
Status write_conversation(const std::string& path, const ConversationHead& head,
                          const std::vector<Message>& messages);
Result<StoredConversation> read_conversation_file(const std::string& path);

/// The file in which one conversation is kept, by this object alone.
class ConversationFile {
 public:
  static Result<ConversationFile> create(const std::string& path, const ConversationHead& head,
                                         const std::vector<Message>& messages);
  /// One that is there, and what it has.
  static Result<ConversationFile> open(const std::string& path, StoredConversation& stored);

  /// Makes it say this: appends the messages that it lacks, or replaces it. With `rewritten`, other messages
  /// than those at the end have changed.
  Status update(const ConversationHead& head, const std::vector<Message>& messages, bool rewritten = false);

  const std::string& path() const { return file_.path(); }
  bool is_at(const std::string& path) const { return file_.is_at(path); }

 private:
  ConversationFile(PrivateFile file, std::string head, std::size_t count, bool whole)
      : file_(std::move(file)), head_(std::move(head)), count_(count), whole_(whole) {}

  PrivateFile file_;
  std::string head_;   // its first line
  std::size_t count_;  // its messages
  bool whole_;         // may be appended to
};

}  // namespace tachikoma::sessions
