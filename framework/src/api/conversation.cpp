// SPDX-License-Identifier: MIT
#include "tachikoma/conversation.hpp"

#include <utility>

#include "base/try.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {

Conversation::Conversation(Runtime& runtime, std::string model, std::string system)
    : runtime_(&runtime), model_(std::move(model)) {
  if (!system.empty()) messages_.push_back(system_prompt(std::move(system)));
}

Result<Reply> Conversation::send(std::string text, std::stop_token stop) {
  return stream(std::move(text), {}, std::move(stop));
}

Result<Reply> Conversation::stream(std::string text, const DeltaCallback& on_delta, std::stop_token stop) {
  TextRequest request{.model = model_,
                      .messages = messages_,
                      .tools = tools,
                      .tool_rules = tool_rules,
                      .settings = settings,
                      .stop = std::move(stop)};
  request.messages.push_back(user(text));
  Result<Reply> reply = on_delta ? runtime_->stream_text(std::move(request), on_delta)
                                 : runtime_->generate_text(std::move(request));
  if (reply) {
    messages_.push_back(user(std::move(text)));
    messages_.insert(messages_.end(), reply->messages.begin(), reply->messages.end());
  }
  return reply;
}

Status Conversation::use_model(std::string_view name) {
  TACHIKOMA_TRY_STATUS(runtime_->models().resolve(name));
  model_ = name;
  return Done{};
}

void Conversation::reset() {
  std::erase_if(messages_, [](const Message& message) { return message.role != Role::system; });
}

}  // namespace tachikoma
