// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/generated_answer.hpp"
#include "openai/wire_errors.hpp"
#include "tachikoma/plugin/value.hpp"
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
  tachikoma::Value parameters;  ///< a JSON Schema, or null
};

/// The part of a generation request that the chat and the completion route share.
struct RequestSettings {
  Limits limits;
  bool stream = false;
  bool include_usage = false;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;
  std::vector<OfferedTool> tools = {};
  std::string tool_choice = "auto";   ///< none, auto or required
  tachikoma::Value schema = {};       ///< what the answer must fit; null: free text
  std::string reasoning_effort = {};  ///< empty: no wish
  std::string draft_model = {};       ///< empty: none
  RequestSettings settings = {};
};

bool has_images(const ChatRequest& request);

/// Checks and reads a body of POST /v1/chat/completions; unknown keys are ignored, as LM Studio does.
std::variant<ChatRequest, WireError> read_chat_request(const tachikoma::Value& body);
/// The shared settings of a body.
std::variant<RequestSettings, WireError> read_settings(const tachikoma::Value& body);

/// The text of a message's `content`: a string, or the text parts of a list.
std::string content_text(const tachikoma::Value& content);
/// How many results of tools follow the last user turn of a body.
std::int64_t count_results(const tachikoma::Value& body);
/// What a `when: {contains}` of the script looks at: the last user text, the prompt, or the input.
std::string request_text(const tachikoma::Value& body);
/// The tokens of a prompt: those of its texts, calls and tools, and four for each message's frame.
std::int64_t prompt_tokens(const ChatRequest& request);

}  // namespace lmstudio_sim
