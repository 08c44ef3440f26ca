// SPDX-License-Identifier: MIT
#include "model/chat_request.hpp"

#include <algorithm>

#include "http/json_value.hpp"
#include "model/word_tokens.hpp"

namespace lmstudio_sim {
namespace {

constexpr std::size_t kTokensPerMessage = 4;
constexpr std::size_t kTokensPerImage = 256;

}  // namespace

bool has_images(const ChatRequest& request) {
  return std::ranges::any_of(request.messages,
                             [](const ChatMessage& message) { return !message.images.empty(); });
}

std::int64_t prompt_tokens(const ChatRequest& request) {
  std::size_t tokens = request.messages.size() * kTokensPerMessage;
  for (const ChatMessage& message : request.messages) {
    tokens += count_tokens(message.text) + message.images.size() * kTokensPerImage;
    for (const ToolCall& call : message.tool_calls) tokens += count_tokens(call.name + call.arguments);
  }
  for (const OfferedTool& tool : request.tools)
    tokens += count_tokens(tool.name + tool.description + to_json(tool.parameters));
  return static_cast<std::int64_t>(tokens);
}

std::string prompt_too_long(std::int64_t context_length) {
  return "The number of tokens to keep from the initial prompt is greater than the context length (" +
         std::to_string(context_length) +
         "). Try to load the model with a larger context length, or provide a shorter input";
}

}  // namespace lmstudio_sim
