// SPDX-License-Identifier: MIT
#include "tachikoma/conversation.hpp"

#include <utility>

#include "base/try.hpp"
#include "sessions/conversation_file.hpp"
#include "sessions/token_budget.hpp"
#include "sessions/turns.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {

Conversation::Conversation(Runtime& runtime, std::string model, std::string system)
    : runtime_(&runtime), model_(std::move(model)) {
  if (!system.empty()) messages_.push_back(system_prompt(std::move(system)));
}

Conversation::Conversation(Runtime& runtime, sessions::StoredConversation stored)
    : settings(std::move(stored.head.settings)),
      token_budget(stored.head.token_budget),
      runtime_(&runtime),
      model_(std::move(stored.head.model)),
      messages_(std::move(stored.messages)),
      notices_(std::move(stored.notices)) {}

Conversation::Conversation(Conversation&&) noexcept = default;
Conversation& Conversation::operator=(Conversation&&) noexcept = default;
Conversation::~Conversation() = default;

Result<Reply> Conversation::send(std::string text, std::stop_token stop) {
  return stream(std::move(text), {}, std::move(stop));
}

Result<Reply> Conversation::stream(std::string text, const DeltaCallback& on_delta, std::stop_token stop) {
  std::vector<Message> turn;
  turn.push_back(user(std::move(text)));
  return stream(std::move(turn), on_delta, std::move(stop));
}

Result<Reply> Conversation::send(std::vector<Message> turn, std::stop_token stop) {
  return stream(std::move(turn), {}, std::move(stop));
}

Result<Reply> Conversation::stream(std::vector<Message> turn, const DeltaCallback& on_delta,
                                   std::stop_token stop) {
  TACHIKOMA_TRY(std::vector<Message> told, sessions::with_turn(messages_, std::move(turn)));
  return answer(std::move(told), cache, on_delta, std::move(stop));
}

Result<Reply> Conversation::retry(const DeltaCallback& on_delta, std::stop_token stop) {
  TACHIKOMA_TRY(std::vector<Message> told, sessions::up_to_last_question(messages_));
  return answer(std::move(told), cache == CacheUse::use ? CacheUse::refresh : cache, on_delta,
                std::move(stop));
}

Result<Reply> Conversation::answer(std::vector<Message> told, CacheUse use, const DeltaCallback& on_delta,
                                   std::stop_token stop) {
  const bool replaces = told.size() <= messages_.size();
  TextRequest request{.model = model_,
                      .messages = told,
                      .tools = tools,
                      .tool_rules = tool_rules,
                      .tool_choice = tool_choice,
                      .settings = settings,
                      .cache = use,
                      .stop = stop};
  sessions::Fit fit;
  if (token_budget) {
    const auto count = [this](const TextRequest& of) { return runtime_->count_tokens(of); };
    TACHIKOMA_TRY(fit, sessions::fit(request, *token_budget, left_out_, count));
  }
  Result<Reply> reply = on_delta ? runtime_->stream_text(std::move(request), on_delta)
                                 : runtime_->generate_text(std::move(request));
  const bool shown = on_delta && stop.stop_requested();
  const bool kept =
      reply ? sessions::add_reply(told, *reply) : shown && sessions::add_partial_reply(told, reply.error());
  if (!kept) return reply;
  messages_ = std::move(told);
  left_out_ = fit.left_out;
  if (!reply) {
    write(replaces);
    return reply;
  }
  if (left_out_ > 0) reply->notices.push_back(sessions::describe(fit, *token_budget));
  write(replaces);
  if (!unwritten_.empty()) reply->notices.push_back("this turn is not saved: " + unwritten_);
  return reply;
}

Status Conversation::use_model(std::string_view name) {
  TACHIKOMA_TRY_STATUS(runtime_->models().resolve(name));
  if (model_ == name) return Done{};
  model_ = name;
  write(false);
  return Done{};
}

void Conversation::set_system(std::string text) {
  const auto turns =
      messages_.begin() + static_cast<std::ptrdiff_t>(sessions::count_system_prompts(messages_));
  messages_.erase(messages_.begin(), turns);
  if (!text.empty()) messages_.insert(messages_.begin(), system_prompt(std::move(text)));
  write(true);
}

void Conversation::reset() {
  std::erase_if(messages_, [](const Message& message) { return message.role != Role::system; });
  left_out_ = 0;
  write(true);
}

Conversation Conversation::fork() const {
  Conversation copy(*runtime_, {head(), messages_});
  copy.tools = tools;
  copy.tool_rules = tool_rules;
  copy.tool_choice = tool_choice;
  copy.cache = cache;
  copy.left_out_ = left_out_;
  return copy;
}

sessions::ConversationHead Conversation::head() const { return {model_, settings, token_budget}; }

Status Conversation::save(const std::string& file) const {
  if (file_ && file_->is_at(file)) return file_->update(head(), messages_, true);
  return sessions::write_conversation(file, head(), messages_);
}

Status Conversation::keep_in(const std::string& file) {
  TACHIKOMA_TRY(sessions::ConversationFile made, sessions::ConversationFile::create(file, head(), messages_));
  file_ = std::make_unique<sessions::ConversationFile>(std::move(made));
  unwritten_.clear();
  return Done{};
}

Result<Conversation> Conversation::restore(Runtime& runtime, const std::string& file) {
  TACHIKOMA_TRY(sessions::StoredConversation stored, sessions::read_conversation_file(file));
  return Conversation(runtime, std::move(stored));
}

Result<Conversation> Conversation::resume(Runtime& runtime, const std::string& file) {
  sessions::StoredConversation stored;
  TACHIKOMA_TRY(sessions::ConversationFile kept, sessions::ConversationFile::open(file, stored));
  Conversation conversation(runtime, std::move(stored));
  conversation.file_ = std::make_unique<sessions::ConversationFile>(std::move(kept));
  return conversation;
}

std::string Conversation::file() const { return file_ ? file_->path() : std::string(); }

void Conversation::write(bool rewritten) {
  if (!file_) return;
  const Status written = file_->update(head(), messages_, rewritten);
  unwritten_ = written ? std::string() : written.error().message;
}

}  // namespace tachikoma
