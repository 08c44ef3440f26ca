// SPDX-License-Identifier: MIT
#include "openai/native_request.hpp"

#include <algorithm>
#include <array>

#include "openai/native_body.hpp"

namespace lmstudio_sim {

namespace {

WireError invalid(std::string_view code, std::string_view parameter, const std::string& message) {
  return native_error(400, "invalid_request", code, parameter, message);
}

constexpr std::array<NativeField, 15> kFields{{{"model", &JsonValue::is_string, "string", true},
                                               {"input", nullptr, "", true},
                                               {"system_prompt", &JsonValue::is_string, "string"},
                                               {"integrations", &JsonValue::is_array, "array"},
                                               {"stream", &JsonValue::is_bool, "boolean"},
                                               {"store", &JsonValue::is_bool, "boolean"},
                                               {"temperature", &JsonValue::is_number, "number"},
                                               {"top_p", &JsonValue::is_number, "number"},
                                               {"min_p", &JsonValue::is_number, "number"},
                                               {"repeat_penalty", &JsonValue::is_number, "number"},
                                               {"top_k", &JsonValue::is_integer, "integer"},
                                               {"context_length", &JsonValue::is_integer, "integer"},
                                               {"max_output_tokens", &JsonValue::is_integer, "integer"},
                                               {"previous_response_id", &JsonValue::is_string, "string"},
                                               {"reasoning", nullptr, ""}}};

std::optional<WireError> read_input(const JsonValue& input, ChatMessage& into) {
  into.role = "user";
  into.text = input.as_string();
  if (!input.is_string() && !input.is_array())
    return invalid("invalid_type", "input", "Expected string or array at 'input'");
  for (const JsonValue& item : input.elements()) {
    const std::string_view type = item["type"].as_string();
    if (type == "text" || type == "message") {
      into.text += item["content"].as_string();
    } else if (auto image = read_data_url(item["data_url"].as_string()); type == "image" && image) {
      into.images.push_back(std::move(*image));
    } else {
      return invalid("invalid_type", "input",
                     "An item of 'input' must be text, or an image with a 'data_url'");
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<NativeRequest, WireError> read_native_request(const JsonValue& body) {
  if (auto error = check_native_body(body, kFields)) return *error;
  if (!body["integrations"].elements().empty())
    return native_error(403, "invalid_request", "", "integrations",
                        "Permission denied to use plugin: the simulator has no integrations");
  NativeRequest request;
  if (body["system_prompt"].is_string())
    request.chat.messages.push_back({"system", std::string(body["system_prompt"].as_string())});
  ChatMessage message;
  if (auto error = read_input(body["input"], message)) return *error;
  request.chat.messages.push_back(std::move(message));
  request.chat.reasoning_effort = body["reasoning"].as_string();
  request.stream = body["stream"].as_bool();
  if (const auto limit = body["max_output_tokens"].as_integer(-1); limit >= 0)
    request.chat.limits.max_tokens = limit;
  if (body["context_length"].is_integer()) request.context_length = body["context_length"].as_integer();
  request.previous_response_id = body["previous_response_id"].as_string();
  request.store = body["store"].as_bool(true);
  return request;
}

std::optional<WireError> check_native_reasoning(const ModelSpec& model, const std::string& setting) {
  if (setting.empty() || std::ranges::find(model.reasoning_options, setting) != model.reasoning_options.end())
    return std::nullopt;
  return invalid("invalid_value", "reasoning",
                 "Reasoning setting '" + setting + "' is not supported by model \"" + model.key + "\"");
}

}  // namespace lmstudio_sim
