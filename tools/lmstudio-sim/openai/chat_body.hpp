// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "http/json_value.hpp"
#include "model/chat_request.hpp"
#include "openai/wire_errors.hpp"

namespace lmstudio_sim {

/// The part of a generation request that the chat and the completion route share.
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

/// Checks and reads it; unknown keys are ignored, as LM Studio does.
std::variant<ChatBody, WireError> read_chat_body(const JsonValue& body);
/// The shared settings of a body.
std::variant<RequestSettings, WireError> read_settings(const JsonValue& body);

/// The text of a message's `content`: a string, or the text parts of a list.
std::string content_text(const JsonValue& content);
/// How many results of tools follow the last user turn of a body.
std::int64_t count_results(const JsonValue& body);
/// What a `when: {contains}` of the script looks at: the last user text, the prompt, or the input.
std::string request_text(const JsonValue& body);

}  // namespace lmstudio_sim
