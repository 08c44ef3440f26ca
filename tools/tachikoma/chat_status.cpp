// SPDX-License-Identifier: MIT
#include "chat_status.hpp"

#include <optional>
#include <vector>

#include "base/excerpt.hpp"
#include "base/numbers.hpp"
#include "base/utf8.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kPromptCharacters = 20;

// Nothing, if the provider does not say, or if that takes too long for who sits there.
std::optional<ModelStatus> status_of(Chat& chat) {
  StopOnInterrupt stop(chat.interrupts);
  Result<ModelStatus> status = chat.runtime.model_status(model_name(chat), stop.token());
  if (!status) return std::nullopt;
  return *std::move(status);
}

std::string context_of(const Usage& usage, const std::optional<ModelStatus>& status) {
  if (!usage.prompt_tokens) return {};
  std::string text = "context " + format_count(*usage.prompt_tokens + usage.completion_tokens.value_or(0));
  if (status && status->context_length) text += " of " + format_count(status->context_length.value);
  return text + " tokens";
}

bool has_reasoned(const Reply& reply) {
  return reply.channels.contains(Channel::thinking) || reply.channels.contains(Channel::analysis) ||
         reply.channels.contains(Channel::commentary);
}

std::string reasoning_of(const Reply& reply) {
  const std::optional<std::int64_t>& tokens = reply.usage.reasoning_tokens;
  return "reasoned" + (tokens ? " for " + format_count(*tokens) + " tokens" : std::string()) + ": /reasoning";
}

}  // namespace

void show_status(Chat& chat) {
  const Reply& reply = *chat.last;
  const std::optional<ModelStatus> status = status_of(chat);
  std::vector<std::string> parts;
  if (std::string context = context_of(reply.usage, status); !context.empty())
    parts.push_back(std::move(context));
  if (status && status->queued && status->queued.value > 0)
    parts.push_back(format_count(status->queued.value) + " waiting");
  if (reply.metrics.tokens_per_second)
    parts.push_back(base::decimal(reply.metrics.tokens_per_second.value) + " tokens/s");
  if (chat.think == Think::hide && has_reasoned(reply)) parts.push_back(reasoning_of(reply));
  std::string line;
  for (const std::string& part : parts) line += (line.empty() ? "" : " · ") + part;
  if (!line.empty()) chat.output.note(line);
}

// What tells models apart is at the end of an address.
std::string prompt_of(const Chat& chat) {
  std::string name = base::printable(model_name(chat));
  for (const std::string_view separator : {"::", "/"})
    if (const std::size_t at = name.rfind(separator);
        at != std::string::npos && at + separator.size() < name.size())
      name.erase(0, at + separator.size());
  if (base::count_characters(name) > kPromptCharacters) {
    std::size_t end = 0;
    for (std::size_t characters = 0; end < name.size(); ++end)
      if (base::starts_character(name[end]) && ++characters == kPromptCharacters) break;
    name = name.substr(0, end) + "…";
  }
  return name + "> ";
}

}  // namespace tachikoma::cli
