// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_value.hpp"
#include "model/generated_answer.hpp"
#include "world/data_url.hpp"

namespace lmstudio_sim {

struct ChatMessage {
  std::string role;
  std::string text;                       ///< the text parts, joined
  std::vector<ToolCall> tool_calls = {};  ///< assistant turns only
  std::vector<SeenImage> images = {};     ///< user turns only
  std::string tool_call_id = {};          ///< tool turns only
};

/// A tool that a request offers.
struct OfferedTool {
  std::string name, description;
  JsonValue parameters;  ///< a JSON Schema, or null
};

/// A request to a model, from any surface.
struct ChatRequest {
  std::vector<ChatMessage> messages;
  std::vector<OfferedTool> tools = {};
  std::string tool_choice = "auto";   ///< none, auto or required
  JsonValue schema = {};              ///< the answer must fit it; null: free text
  std::string reasoning_effort = {};  ///< empty: the default
  std::string draft_model = {};       ///< empty: none
  Limits limits = {};
};

bool has_images(const ChatRequest& request);

/// The tokens of a prompt: its texts, calls and tools, plus four per message.
std::int64_t prompt_tokens(const ChatRequest& request);

/// LM Studio's message for images sent to a model without vision.
inline constexpr std::string_view kNoVision = "Model does not support images. Please use a model that does.";
/// LM Studio's message for a prompt that does not fit the context.
std::string prompt_too_long(std::int64_t context_length);

}  // namespace lmstudio_sim
