// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/tool_kit.hpp"

namespace tachikoma {

class Runtime;
namespace sessions {
class ConversationFile;
struct ConversationHead;
struct StoredConversation;
}  // namespace sessions

/// A chat with memory. Each turn sends the whole history, as far as the token budget allows; a turn that
/// fails leaves it unchanged.
///
/// Holds a reference to the runtime, which must outlive it. Use it from one thread at a time. Movable; `fork`
/// makes a copy.
class TACHIKOMA_API Conversation {
 public:
  /// `model`: as in TextRequest; empty: the registry's selected model, also when the selection changes.
  explicit Conversation(Runtime& runtime, std::string model = {}, std::string system = {});
  Conversation(Conversation&&) noexcept;
  Conversation& operator=(Conversation&&) noexcept;
  ~Conversation();

  /// Sends a user turn and adds it, with the model's answer, to the history.
  Result<Reply> send(std::string text, std::stop_token stop = {});
  /// As `send`, passing each delta to `on_delta`. If `on_delta` stops it, the partial answer is kept. So it
  /// is if `stop` does, which still fails with `cancelled`.
  Result<Reply> stream(std::string text, const DeltaCallback& on_delta, std::stop_token stop = {});
  /// A turn of several messages: those of the user, for instance with images, or first the results of the
  /// last reply's `tool_calls`. A call that gets no result here is told to the model as not run.
  Result<Reply> send(std::vector<Message> turn, std::stop_token stop = {});
  Result<Reply> stream(std::vector<Message> turn, const DeltaCallback& on_delta, std::stop_token stop = {});

  /// Has the last message of the user answered once more: the new answer, also a partial one, takes the place
  /// of all that followed. The model is asked even if the cache has an answer. `invalid_argument` if there is
  /// no such message.
  Result<Reply> retry(const DeltaCallback& on_delta = {}, std::stop_token stop = {});

  /// Resolves the name, and continues the conversation with that model.
  Status use_model(std::string_view name);
  /// Replaces the system prompt, or removes it with an empty text; all turns stay.
  void set_system(std::string text);
  /// Forgets all turns; the system prompt stays.
  void reset();
  /// An independent copy, kept in no file. The tools are the same objects.
  Conversation fork() const;

  const std::string& model() const { return model_; }
  const std::vector<Message>& messages() const { return messages_; }
  /// How many of the oldest turns were not sent with the last one, because of the token budget.
  std::size_t left_out() const { return left_out_; }

  /// Writes the conversation to a file (docs/json.md), readable by this user alone. The model, the settings
  /// and the token budget are in it, the tools are not. A file of another conversation is replaced; fails
  /// with `invalid_argument` if anything else is there, or if a program keeps its conversation there.
  Status save(const std::string& file) const;
  /// Writes it to a new file, and from then on adds each turn when it has ended, and writes what else has
  /// changed: a program that is killed loses at most the turn that it was in. Fails with `invalid_argument`,
  /// and `exists` in its detail, if there is such a file.
  Status keep_in(const std::string& file);
  /// The conversation that a file has; the file stays as it is. `invalid_argument` names the line that is
  /// wrong; what is left out is in `notices()`. Only a file that other users can't write is read.
  static Result<Conversation> restore(Runtime& runtime, const std::string& file);
  /// As `restore`, and keeps it there from now on. Fails with `invalid_argument`, and `in_use` in its detail,
  /// if a program keeps its conversation there.
  static Result<Conversation> resume(Runtime& runtime, const std::string& file);

  /// The file in which it is kept, or empty.
  std::string file() const;
  /// Why that lacks what came last: it could not be written. The next turn tries to write all of it. Empty:
  /// it lacks nothing. A reply's notices have it too.
  const std::string& unwritten() const { return unwritten_; }
  /// What `restore` or `resume` left out of the file, a sentence each.
  const std::vector<std::string>& notices() const { return notices_; }

  // applied to every following turn
  GenerationSettings settings;
  ToolKit tools;  ///< run as in TextRequest; calls and results become part of the history
  ToolRules tool_rules;
  std::optional<ToolChoice> tool_choice;  ///< for the first step of each turn; absent: the server's default
  CacheUse cache = CacheUse::use;
  /// The most tokens of a prompt; absent: no limit. The oldest turns, each a user message with all up to the
  /// next one, are then not sent, as many as needed; the system prompt and the last turn always are, or the
  /// turn fails with `context_too_long`. The history keeps everything. The server counts; where it can't, the
  /// tokens are estimated. What tools return within the turn comes on top, and so does the answer.
  std::optional<std::int64_t> token_budget;

 private:
  Conversation(Runtime& runtime, sessions::StoredConversation stored);
  sessions::ConversationHead head() const;
  /// Asks for what follows on `told`, which becomes the history with it.
  Result<Reply> answer(std::vector<Message> told, CacheUse use, const DeltaCallback& on_delta,
                       std::stop_token stop);
  void write(bool rewritten);

  Runtime* runtime_;
  std::string model_;
  std::vector<Message> messages_;
  std::size_t left_out_ = 0;
  std::unique_ptr<sessions::ConversationFile> file_;
  std::string unwritten_;
  std::vector<std::string> notices_;
};

}  // namespace tachikoma
