// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "model/chat_request.hpp"
#include "openai/wire_errors.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// A body of POST /api/v1/chat.
struct NativeRequest {
  ChatRequest chat;  ///< without the messages of `previous_response_id`
  std::optional<std::int64_t> context_length;
  std::string previous_response_id;  ///< empty: none
  bool stream = false;
  bool store = true;
};

/// Validates and reads a body. This route is strict: an unknown key is an error.
std::variant<NativeRequest, WireError> read_native_request(const JsonValue& body);

/// The error when the model does not have the requested reasoning setting.
std::optional<WireError> check_native_reasoning(const ModelSpec& model, const std::string& setting);

}  // namespace lmstudio_sim
