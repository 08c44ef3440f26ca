// SPDX-License-Identifier: MIT
#include "openai/chat_body.hpp"

#include <algorithm>
#include <array>

#include "http/json_value.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::array<std::string_view, 5> kRoles{"system", "developer", "user", "assistant", "tool"};

std::optional<WireError> check_tool_choice(const JsonValue& choice) {
  static constexpr std::string_view kSupported = "Supported string values: none, auto, required";
  if (choice.is_null()) return std::nullopt;
  if (!choice.is_string())
    return plain_error(400, "Invalid tool_choice type: '" +
                                std::string(choice.is_object() ? "object" : "other") + "'. " +
                                std::string(kSupported));
  const std::string_view name = choice.as_string();
  if (name == "none" || name == "auto" || name == "required") return std::nullopt;
  return plain_error(400,
                     "Invalid tool_choice value: '" + std::string(name) + "'. " + std::string(kSupported));
}

std::optional<WireError> check_response_format(const JsonValue& format) {
  if (format.is_null()) return std::nullopt;
  const std::string_view type = format["type"].as_string();
  if (type == "text") return std::nullopt;
  if (type != "json_schema")
    return plain_error(400, "'response_format.type' must be 'json_schema' or 'text'");
  if (format["json_schema"]["schema"].is_object()) return std::nullopt;
  return plain_error(400, "'response_format.json_schema.schema' must be an object");
}

std::optional<WireError> check_message(const JsonValue& message, std::size_t index) {
  const std::string where = "messages[" + std::to_string(index) + "]";
  const std::string_view role = message["role"].as_string();
  if (std::ranges::find(kRoles, role) == kRoles.end())
    return plain_error(400, "Invalid '" + where + ".role': expected 'system', 'user', 'assistant' or 'tool'");
  const JsonValue& content = message["content"];
  for (const JsonValue& part : content.elements())
    if (part["type"].as_string() == "image_url" && !read_data_url(part["image_url"]["url"].as_string()))
      return plain_error(400, "Invalid '" + where + ".content': 'url' field must be a base64 encoded image.");
  const bool may_lack = role == "assistant";
  if (role == "tool" && !message["tool_call_id"].is_string())
    return plain_error(400, "Invalid '" + where + ".tool_call_id': expected a string");
  if (content.is_string() || content.is_array() || (content.is_null() && may_lack)) return std::nullopt;
  return plain_error(400, "Invalid '" + where + ".content': expected a string or a list of parts");
}

std::optional<WireError> check_tools(const JsonValue& tools) {
  if (!tools.is_null() && !tools.is_array())
    return plain_error(400, "Invalid 'tools': expected a list of functions");
  for (const JsonValue& tool : tools.elements())
    if (tool["type"].as_string() != "function" || tool["function"]["name"].as_string().empty())
      return plain_error(400, "Invalid 'tools': each must be {type: 'function', function: {name, ...}}");
  return std::nullopt;
}

std::optional<WireError> check_numbers(const JsonValue& body) {
  static constexpr std::array<const char*, 7> kNumbers{
      "temperature", "top_p", "top_k", "min_p", "repeat_penalty", "presence_penalty", "frequency_penalty"};
  static constexpr std::array<const char*, 4> kIntegers{"max_tokens", "max_completion_tokens", "seed", "ttl"};
  for (const char* key : kNumbers)
    if (!body[key].is_null() && !body[key].is_number())
      return plain_error(400, std::string("Invalid '") + key + "': expected a number");
  if (!body["logit_bias"].is_null() && !body["logit_bias"].is_object())
    return plain_error(400, "Invalid 'logit_bias': expected an object");
  for (const char* key : kIntegers)
    if (!body[key].is_null() && !body[key].is_integer())
      return plain_error(400, std::string("Invalid '") + key + "': expected an integer");
  return std::nullopt;
}

std::optional<WireError> read_stop(const JsonValue& stop, std::vector<std::string>& into) {
  if (stop.is_string()) into.emplace_back(stop.as_string());
  bool valid = stop.is_null() || stop.is_string() || stop.is_array();
  for (const JsonValue& each : stop.elements()) {
    valid = valid && each.is_string();
    into.emplace_back(each.as_string());
  }
  if (valid) return std::nullopt;
  return plain_error(400, "Invalid 'stop': expected a string or a list of strings");
}

}  // namespace

std::string content_text(const JsonValue& content) {
  std::string text(content.as_string());
  for (const JsonValue& part : content.elements())
    if (part["type"].as_string() == "text") text += part["text"].as_string();
  return text;
}

std::string request_text(const JsonValue& body) {
  const JsonValue::Array& messages = body["messages"].elements();
  for (auto message = messages.rbegin(); message != messages.rend(); ++message)
    if ((*message)["role"].as_string() == "user") return content_text((*message)["content"]);
  if (body["prompt"].is_string()) return std::string(body["prompt"].as_string());
  std::string text(body["input"].as_string());
  for (const JsonValue& each : body["input"].elements())
    text += std::string(each.as_string(each["content"].as_string())) + "\n";
  return text;
}

std::int64_t count_results(const JsonValue& body) {
  std::int64_t count = 0;
  for (const JsonValue& message : body["messages"].elements()) {
    if (message["role"].as_string() == "user") count = 0;
    if (message["role"].as_string() == "tool") ++count;
  }
  return count;
}

std::variant<RequestSettings, WireError> read_settings(const JsonValue& body) {
  if (auto error = check_numbers(body)) return *error;
  RequestSettings settings;
  if (auto error = read_stop(body["stop"], settings.limits.stop)) return *error;
  const JsonValue& limit = body[body["max_tokens"].is_null() ? "max_completion_tokens" : "max_tokens"];
  if (limit.as_integer(-1) >= 0) settings.limits.max_tokens = limit.as_integer();
  settings.stream = body["stream"].as_bool();
  settings.include_usage = body["stream_options"]["include_usage"].as_bool();
  return settings;
}

namespace {

std::optional<WireError> check_chat_body(const JsonValue& body) {
  if (!body["messages"].is_array() || body["messages"].elements().empty())
    return plain_error(400, "'messages' field is required");
  if (auto error = check_tools(body["tools"])) return error;
  if (auto error = check_tool_choice(body["tool_choice"])) return error;
  if (auto error = check_response_format(body["response_format"])) return error;
  std::size_t index = 0;
  for (const JsonValue& message : body["messages"].elements())
    if (auto error = check_message(message, index++)) return error;
  return std::nullopt;
}

// Arguments are text on this route, but an object is accepted too.
ToolCall read_call(const JsonValue& call) {
  const JsonValue& arguments = call["function"]["arguments"];
  return {std::string(call["function"]["name"].as_string()),
          arguments.is_string() ? std::string(arguments.as_string()) : to_json(arguments),
          std::string(call["id"].as_string())};
}

ChatMessage read_message(const JsonValue& message) {
  ChatMessage read{std::string(message["role"].as_string()), content_text(message["content"])};
  for (const JsonValue& part : message["content"].elements())
    if (auto image = read_data_url(part["image_url"]["url"].as_string())) read.images.push_back(*image);
  for (const JsonValue& call : message["tool_calls"].elements()) read.tool_calls.push_back(read_call(call));
  read.tool_call_id = message["tool_call_id"].as_string();
  return read;
}

}  // namespace

std::variant<ChatBody, WireError> read_chat_body(const JsonValue& body) {
  if (auto error = check_chat_body(body)) return *error;
  auto read = read_settings(body);
  if (auto* error = std::get_if<WireError>(&read)) return std::move(*error);
  auto& settings = std::get<RequestSettings>(read);
  ChatBody result{.stream = settings.stream, .include_usage = settings.include_usage};
  ChatRequest& chat = result.chat;
  chat.limits = std::move(settings.limits);
  for (const JsonValue& message : body["messages"].elements()) chat.messages.push_back(read_message(message));
  for (const JsonValue& tool : body["tools"].elements()) {
    const JsonValue& function = tool["function"];
    chat.tools.push_back({std::string(function["name"].as_string()),
                          std::string(function["description"].as_string()), function["parameters"]});
  }
  chat.tool_choice = body["tool_choice"].as_string("auto");
  chat.schema = body["response_format"]["json_schema"]["schema"];
  chat.reasoning_effort = body["reasoning_effort"].as_string();
  chat.draft_model = body["draft_model"].as_string();
  return result;
}

}  // namespace lmstudio_sim
