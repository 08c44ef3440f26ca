// SPDX-License-Identifier: MIT
#include "generate/history.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace tachikoma::generate {
namespace {

bool says_nothing(const Message& message) {
  return message.role == Role::assistant && message.tool_calls.empty() && message.images.empty() &&
         message.extra.is_null() && message.text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// The results of the calls of messages[at] are what follows it.
std::size_t end_of_results(const std::vector<Message>& messages, std::size_t at) {
  while (++at < messages.size() && messages[at].role == Role::tool) {
  }
  return at;
}

void answer_calls(std::vector<Message>& messages, std::size_t at) {
  std::size_t end = end_of_results(messages, at);
  for (std::size_t i = 0; i < messages[at].tool_calls.size(); ++i) {
    const std::string id = messages[at].tool_calls[i].id;
    const auto first = messages.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = messages.begin() + static_cast<std::ptrdiff_t>(end);
    const bool answered =
        std::any_of(first, last, [&](const Message& message) { return message.tool_call_id == id; });
    if (id.empty() || answered) continue;
    messages.insert(last, tool_result(id, "not run"));
    ++end;
  }
}

}  // namespace

AliasSystem::AliasSystem(const std::vector<Message>& messages)
    : is_needed_(std::none_of(messages.begin(), messages.end(),
                              [](const Message& message) { return message.role == Role::system; })) {}

void AliasSystem::put(std::vector<Message>& messages, const std::string& text) {
  if (is_there_) messages.erase(messages.begin());
  is_there_ = is_needed_ && !text.empty();
  if (is_there_) messages.insert(messages.begin(), system_prompt(text));
}

std::vector<Message> acceptable_history(std::vector<Message> messages) {
  std::erase_if(messages, says_nothing);
  for (std::size_t at = 0; at < messages.size(); ++at)
    if (!messages[at].tool_calls.empty()) answer_calls(messages, at);
  return messages;
}

void answer_last_calls(std::vector<Message>& messages) {
  std::size_t at = messages.size();
  while (at > 0 && messages[at - 1].role == Role::tool) --at;
  if (at > 0) answer_calls(messages, at - 1);
}

std::string reasoning_of(const Channels& channels) {
  const std::string& thinking = channels[Channel::thinking];
  return thinking.empty() ? channels[Channel::analysis] : thinking;
}

}  // namespace tachikoma::generate
