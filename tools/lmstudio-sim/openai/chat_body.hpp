// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "http/json_value.hpp"
#include "model/chat_request.hpp"
#include "openai/wire_errors.hpp"

namespace lmstudio_sim {

/// The settings that chats and completions share.
struct RequestSettings {
  Limits limits;
  bool stream = false;
  bool include_usage = false;
};

/// A body of POST /v1/chat/completions.
struct ChatBody {
  ChatRequest chat = {};
  bool stream = false;
  bool include_usage = false;
};

/// Validates and reads a body; unknown keys are ignored, as LM Studio does.
std::variant<ChatBody, WireError> read_chat_body(const JsonValue& body);
/// The shared settings of a body.
std::variant<RequestSettings, WireError> read_settings(const JsonValue& body);

/// The text of a message's `content`: a string, or the text parts of a list.
std::string content_text(const JsonValue& content);
/// The number of tool results after the last user turn of a body.
std::int64_t count_results(const JsonValue& body);
/// The text that `when: {contains}` of the script searches: the last user text, the prompt, or the input.
std::string request_text(const JsonValue& body);

}  // namespace lmstudio_sim
