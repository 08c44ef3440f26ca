// SPDX-License-Identifier: MIT
#include "lmstudio/tokens.hpp"

#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

Value part(std::string_view type, std::string_view name, Value content) {
  return Value::object({{"type", type}, {std::string(name), std::move(content)}});
}

// A call as the model made it; its arguments must be an object here, so invalid ones are wrapped in one.
Value call_part(const ToolCall& call) {
  Result<Value> arguments = base::parse_json(call.arguments);
  if (!arguments || !arguments->is_object())
    arguments =
        call.arguments.empty() ? Value::object() : Value::object({{"invalid_arguments", call.arguments}});
  return part("toolCallRequest", "toolCallRequest",
              Value::object({{"id", call.id},
                             {"type", "function"},
                             {"name", call.name},
                             {"arguments", *std::move(arguments)}}));
}

Value turn(const Message& message) {
  Value content = Value::array();
  if (message.role == Role::tool) {
    Value result = part("toolCallResult", "content", message.text);
    if (!message.tool_call_id.empty()) result.set("toolCallId", message.tool_call_id);
    content.push_back(std::move(result));
  } else if (!message.text.empty() || message.tool_calls.empty()) {
    content.push_back(part("text", "text", message.text));
  }
  for (const ToolCall& call : message.tool_calls) content.push_back(call_part(call));
  return Value::object({{"role", to_string(message.role)}, {"content", std::move(content)}});
}

Value history(const ChatRequest& request) {
  return Value::object({{"messages", base::array_of(request.messages, turn)}});
}

Value tool_list(const ChatRequest& request) {
  return base::array_of(request.tools, [](const ToolSpec& tool) {
    Value function = Value::object({{"name", tool.name}});
    if (!tool.description.empty()) function.set("description", tool.description);
    const Value none = Value::object({{"type", "object"}, {"properties", Value::object()}});
    function.set("parameters", tool.parameters.is_object() ? tool.parameters : none);
    return Value::object({{"type", "function"}, {"function", std::move(function)}});
  });
}

Value prediction_stack(const ChatRequest& request) {
  Value layers = Value::array();
  if (!request.tools.empty()) {
    Value field =
        Value::object({{"key", "llm.prediction.tools"},
                       {"value", Value::object({{"type", "toolArray"}, {"tools", tool_list(request)}})}});
    layers.push_back(
        Value::object({{"layerName", "apiOverride"},
                       {"config", Value::object({{"fields", Value::array({std::move(field)})}})}}));
  }
  return Value::object({{"layers", std::move(layers)}});
}

// LM Studio's answer, or the error that it needs a WebSocket.
Result<Value> ask(Studio& studio, ModelKind kind, std::string_view endpoint, const Value& parameter,
                  const CallContext& context) {
  Result<Value> reply = sdk_call(studio, namespace_of(kind), endpoint, parameter, context);
  if (reply || !is_without_sdk(reply.error())) return reply;
  if (reply.error().code == ErrorCode::unreachable) return reply;
  return Error(ErrorCode::unsupported,
               "LM Studio can't count tokens over HTTP, and " + why_without_sdk(reply.error()),
               "use 'usage' of a reply");
}

// The model in memory of that identifier, else one of that key; null when there is none.
Result<Value> find_loaded(Studio& studio, ModelKind kind, std::string_view name, const CallContext& context) {
  const Value query = Value::object({{"specifier", specifier_of(name)}, {"throwIfNotFound", false}});
  Result<Value> info = ask(studio, kind, "getModelInfo", query, context);
  if (!info || !info->is_null()) return info;
  TACHIKOMA_TRY(const Value loaded, ask(studio, kind, "listLoaded", {}, context));
  for (const Value& each : loaded.elements())
    if (each["modelKey"].as_string() == name) return each;
  return Value();
}

Error not_loaded(std::string_view name) {
  return Error(ErrorCode::model_not_found,
               "'" + std::string(name) + "' is not in memory, and LM Studio counts with loaded models only",
               "load it first: tachikoma load " + std::string(name), Value::object({{"name", name}}));
}

Error why_no_prompt(Studio& studio, std::string_view name, const CallContext& context) {
  const Result<Value> other = find_loaded(studio, ModelKind::embedding, name, context);
  if (!other || other->is_null()) return not_loaded(name);
  return Error(ErrorCode::unsupported,
               "'" + std::string(name) + "' is a model for embeddings, which takes no conversation",
               "count the tokens of a text with it, or choose another model");
}

Result<std::int64_t> count(Studio& studio, ModelKind kind, const Value& instance, std::string_view text,
                           const CallContext& context) {
  const Value parameter = Value::object({{"specifier", specifier_of(instance)}, {"inputString", text}});
  TACHIKOMA_TRY(const Value reply, ask(studio, kind, "countTokens", parameter, context));
  const Value& tokens = reply["tokenCount"];
  if (tokens.as_integer(-1) < 0)
    return Error(ErrorCode::protocol, "LM Studio's answer to 'countTokens' has no 'tokenCount'",
                 "update LM Studio");
  return tokens.as_integer();
}

}  // namespace

bool has_images(const ChatRequest& request) {
  for (const Message& message : request.messages)
    if (!message.images.empty()) return true;
  return false;
}

Result<std::int64_t> StudioTokens::count_prompt_tokens(const ChatRequest& request,
                                                       const CallContext& context) {
  if (has_images(request))
    return Error(ErrorCode::unsupported, "LM Studio can't count the tokens of images",
                 "leave the images out, or use 'usage' of a reply");
  TACHIKOMA_TRY(const Value instance, find_loaded(studio_, ModelKind::llm, request.model, context));
  if (instance.is_null()) return why_no_prompt(studio_, request.model, context);
  const Value parameter = Value::object({{"specifier", specifier_of(instance)},
                                         {"history", history(request)},
                                         {"predictionConfigStack", prediction_stack(request)},
                                         {"opts", Value::object()}});
  TACHIKOMA_TRY(const Value prompt, ask(studio_, ModelKind::llm, "applyPromptTemplate", parameter, context));
  const Value& formatted = prompt["formatted"];
  if (!formatted.is_string())
    return Error(ErrorCode::protocol, "LM Studio's answer to 'applyPromptTemplate' has no 'formatted'",
                 "update LM Studio");
  return count(studio_, ModelKind::llm, instance, formatted.as_string(), context);
}

Result<std::int64_t> StudioTokens::count_text_tokens(std::string_view model, std::string_view text,
                                                     const CallContext& context) {
  for (const ModelKind kind : {ModelKind::llm, ModelKind::embedding}) {
    TACHIKOMA_TRY(const Value instance, find_loaded(studio_, kind, model, context));
    if (!instance.is_null()) return count(studio_, kind, instance, text, context);
  }
  return not_loaded(model);
}

}  // namespace tachikoma::lmstudio
