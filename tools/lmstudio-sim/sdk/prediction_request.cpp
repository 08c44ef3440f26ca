// SPDX-License-Identifier: MIT
#include "sdk/prediction_request.hpp"

#include <algorithm>
#include <array>

#include "http/json_value.hpp"
#include "model/prompt_template.hpp"
#include "model/word_tokens.hpp"
#include "sdk/kv_config.hpp"
#include "sdk/model_info.hpp"

namespace lmstudio_sim {

namespace {

bool is_message(const JsonValue& message) {
  static constexpr std::array<std::string_view, 4> kRoles{"system", "user", "assistant", "tool"};
  return std::ranges::find(kRoles, message["role"].as_string()) != kRoles.end() &&
         message["content"].is_array();
}

bool has_model_and_config(const JsonValue& parameter) {
  return is_specifier(parameter["modelSpecifier"]) && read_kv_stack(parameter["predictionConfigStack"]);
}

// SDK 1.5.0 completes a text as a chat with an empty template.
bool completes(const JsonValue& stack) {
  return std::ranges::any_of(stack["layers"].elements(), [](const JsonValue& layer) {
    return layer["layerName"].as_string() == "completeModeFormatting";
  });
}

ToolCall read_call(const JsonValue& request) {
  const JsonValue* arguments = request.find("arguments");
  return {std::string(request["name"].as_string()), arguments ? to_json(*arguments) : "{}",
          std::string(request["id"].as_string())};
}

std::optional<SdkError> read_file(const JsonValue& part, const Uploads& uploads, ChatMessage& into) {
  const std::string identifier(part["identifier"].as_string());
  const std::optional<UploadedFile> file = uploads.find(identifier);
  if (!file) return SdkError{.title = "Cannot find a file with identifier \"" + identifier + "\""};
  if (!file->is_image())
    return SdkError{.title = "The file \"" + file->name + "\" is not an image but " + file->type};
  into.images.push_back(file->image());
  return std::nullopt;
}

// Adds a message, or one for each of its tool results.
std::optional<SdkError> read_message(const JsonValue& message, const Uploads& uploads,
                                     std::vector<ChatMessage>& into) {
  ChatMessage read{std::string(message["role"].as_string()), {}};
  for (const JsonValue& part : message["content"].elements()) {
    const std::string_view type = part["type"].as_string();
    if (type == "text") read.text += part["text"].as_string();
    if (type == "toolCallRequest") read.tool_calls.push_back(read_call(part["toolCallRequest"]));
    if (type == "toolCallResult")
      into.push_back({.role = "tool",
                      .text = std::string(part["content"].as_string()),
                      .tool_call_id = std::string(part["toolCallId"].as_string())});
    if (type == "file")
      if (auto error = read_file(part, uploads, read)) return error;
  }
  if (read.role != "tool") into.push_back(std::move(read));
  return std::nullopt;
}

std::optional<SdkError> read_messages(const JsonValue& history, const Uploads& uploads, ChatRequest& chat) {
  for (const JsonValue& message : history["messages"].elements())
    if (auto error = read_message(message, uploads, chat.messages)) return error;
  if (chat.messages.empty()) return SdkError{.title = "The history has no messages"};
  return std::nullopt;
}

std::vector<OfferedTool> read_tools(const JsonValue& setting) {
  std::vector<OfferedTool> tools;
  for (const JsonValue& tool : setting["tools"].elements()) {
    const JsonValue& function = tool["function"];
    tools.push_back({std::string(function["name"].as_string()),
                     std::string(function["description"].as_string()), function["parameters"]});
  }
  return tools;
}

void read_limits(const PredictionConfig& config, ChatRequest& chat) {
  Limits& limits = chat.limits;
  if (const JsonValue& limit = config.checked("maxPredictedTokens"); limit.is_integer())
    limits.max_tokens = limit.as_integer();
  for (const JsonValue& each : config.get("stopStrings").elements())
    limits.stop.emplace_back(each.as_string());
  const JsonValue& structured = config.get("structured");
  if (structured["type"].as_string() == "json")
    chat.schema = structured.find("jsonSchema") ? structured["jsonSchema"] : JsonValue::object();
  chat.draft_model = config.get("speculativeDecoding.draftModel").as_string();
}

void read_chat_settings(const PredictionConfig& config, ChatRequest& chat) {
  if (const std::string_view system = config.get("systemPrompt").as_string(); !system.empty())
    chat.messages.insert(chat.messages.begin(), {"system", std::string(system)});
  chat.tools = read_tools(config.get("tools"));
  chat.tool_choice = config.get("toolChoice")["mode"].as_string("auto");
  chat.reasoning_effort = config.reasoning_effort();
  if (!config.get("reasoning.enableThinking").as_bool()) chat.reasoning_effort = "none";
}

}  // namespace

bool is_history(const JsonValue& history) {
  return history["messages"].is_array() && std::ranges::all_of(history["messages"].elements(), is_message);
}

bool is_prediction(const JsonValue& parameter) {
  return has_model_and_config(parameter) && is_history(parameter["history"]);
}

bool is_raw_prediction(const JsonValue& parameter) {
  return has_model_and_config(parameter) && parameter["rawPrompt"].is_string();
}

std::variant<PredictionRequest, SdkError> read_prediction(const JsonValue& parameter,
                                                          const Uploads& uploads) {
  PredictionRequest request;
  request.config = PredictionConfig(parameter["predictionConfigStack"]);
  request.raw = is_raw_prediction(parameter) || completes(parameter["predictionConfigStack"]);
  ChatRequest& chat = request.chat;
  read_limits(request.config, chat);
  if (is_raw_prediction(parameter))
    chat.messages.push_back({"user", std::string(parameter["rawPrompt"].as_string())});
  else if (auto error = read_messages(parameter["history"], uploads, chat))
    return *error;
  if (request.raw)
    chat.reasoning_effort = "none";
  else
    read_chat_settings(request.config, chat);
  return request;
}

std::int64_t prompt_tokens(const PredictionRequest& request) {
  return request.raw ? static_cast<std::int64_t>(count_tokens(prompt_text(request)))
                     : prompt_tokens(request.chat);
}

std::string prompt_text(const PredictionRequest& request) {
  return request.raw ? request.chat.messages.front().text : apply_template(request.chat);
}

}  // namespace lmstudio_sim
