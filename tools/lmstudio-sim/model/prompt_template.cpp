// SPDX-License-Identifier: MIT
#include "model/prompt_template.hpp"

#include "http/json_value.hpp"

namespace lmstudio_sim {

std::string apply_template(const ChatRequest& chat) {
  std::string text;
  for (const OfferedTool& tool : chat.tools)
    text += "<|tool|>" + tool.name + ": " + tool.description + " " + to_json(tool.parameters) + "\n";
  for (const ChatMessage& message : chat.messages) {
    text += "<|" + message.role + "|>" + message.text;
    for (const ToolCall& call : message.tool_calls) text += "<|call|>" + call.name + " " + call.arguments;
    text += "\n";
  }
  return text + "<|assistant|>";
}

}  // namespace lmstudio_sim
