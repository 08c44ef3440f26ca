// SPDX-License-Identifier: MIT
#include "sessions/conversation_file.hpp"

#include <span>
#include <utility>

#include <sys/stat.h>

#include "base/try.hpp"

namespace tachikoma::sessions {
namespace {

// It is never seen in parts, so its messages need not say where a turn ends.
Result<std::string> file_text(const ConversationHead& head, const std::vector<Message>& messages) {
  std::string text = to_line(head);
  for (const Message& message : messages) {
    TACHIKOMA_TRY(const std::string line, to_lines(std::span(&message, 1)));
    text += line;
  }
  return text;
}

// A mistyped name must not cost somebody a file.
Status check_replaceable(const std::string& path) {
  struct stat there = {};
  if (::lstat(path.c_str(), &there) != 0 || S_ISLNK(there.st_mode)) return Done{};
  const auto refused = [&](const std::string& what) {
    return Error(ErrorCode::invalid_argument, "'" + path + "' is not replaced: " + what,
                 "choose another file, or remove that one",
                 Value::object({{"file", path}, {"exists", true}}));
  };
  if (!S_ISREG(there.st_mode)) return refused("it is not a regular file");
  TACHIKOMA_TRY(const std::string text, read_private_file(path));
  if (!text.empty() && !is_conversation(text)) return refused("it is not the file of a conversation");
  return Done{};
}

}  // namespace

Status write_conversation(const std::string& path, const ConversationHead& head,
                          const std::vector<Message>& messages) {
  TACHIKOMA_TRY_STATUS(check_replaceable(path));
  TACHIKOMA_TRY(const std::string text, file_text(head, messages));
  TACHIKOMA_TRY_STATUS(PrivateFile::put(path, text));
  return Done{};
}

Result<StoredConversation> read_conversation_file(const std::string& path) {
  TACHIKOMA_TRY(const std::string text, read_private_file(path));
  return read_conversation(text, path);
}

Result<ConversationFile> ConversationFile::create(const std::string& path, const ConversationHead& head,
                                                  const std::vector<Message>& messages) {
  TACHIKOMA_TRY(const std::string text, file_text(head, messages));
  TACHIKOMA_TRY(PrivateFile file, PrivateFile::create(path, text));
  return ConversationFile(std::move(file), to_line(head), messages.size(), true);
}

Result<ConversationFile> ConversationFile::open(const std::string& path, StoredConversation& stored) {
  TACHIKOMA_TRY(PrivateFile file, PrivateFile::open(path));
  TACHIKOMA_TRY(const std::string text, file.read());
  TACHIKOMA_TRY(stored, read_conversation(text, path));
  return ConversationFile(std::move(file), to_line(stored.head), stored.messages.size(), stored.whole);
}

Status ConversationFile::update(const ConversationHead& head, const std::vector<Message>& messages,
                                bool rewritten) {
  std::string line = to_line(head);
  const bool appends = whole_ && !rewritten && line == head_;
  whole_ = false;  // until it is written
  if (appends) {
    TACHIKOMA_TRY(const std::string lines, to_lines(std::span(messages).subspan(count_)));
    TACHIKOMA_TRY_STATUS(file_.append(lines));
  } else {
    TACHIKOMA_TRY(const std::string text, file_text(head, messages));
    TACHIKOMA_TRY_STATUS(file_.replace(text));
  }
  head_ = std::move(line);
  count_ = messages.size();
  whole_ = true;
  return Done{};
}

}  // namespace tachikoma::sessions
