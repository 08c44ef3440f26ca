// SPDX-License-Identifier: MIT
#include "sessions/batch_answer.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/lists.hpp"

namespace tachikoma::sessions {
namespace {

std::string request_id(std::size_t request) { return "batch_req_" + std::to_string(request + 1); }

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Value line_of(std::size_t request, const std::string& custom_id, Value response, Value error) {
  return Value::object({{"id", request_id(request)},
                        {"custom_id", custom_id},
                        {"response", std::move(response)},
                        {"error", std::move(error)}});
}

Value answered(std::size_t request, const std::string& custom_id, Value body) {
  return line_of(
      request, custom_id,
      Value::object({{"status_code", 200}, {"request_id", request_id(request)}, {"body", std::move(body)}}),
      Value());
}

// Without what is not known: OpenAI's form has no word for that.
void add_usage(Value& body, const Usage& usage) {
  if (!usage.total_tokens()) return;
  Value form = Value::object({{"prompt_tokens", *usage.prompt_tokens},
                              {"completion_tokens", *usage.completion_tokens},
                              {"total_tokens", *usage.total_tokens()}});
  if (usage.reasoning_tokens)
    form.add("completion_tokens_details", Value::object({{"reasoning_tokens", *usage.reasoning_tokens}}));
  if (usage.cached_tokens)
    form.add("prompt_tokens_details", Value::object({{"cached_tokens", *usage.cached_tokens}}));
  body.add("usage", std::move(form));
}

Value call_form(const ToolCall& call) {
  return Value::object({{"id", call.id},
                        {"type", "function"},
                        {"function", Value::object({{"name", call.name}, {"arguments", call.arguments}})}});
}

Value message_form(const Reply& reply) {
  const bool calls = !reply.tool_calls.empty();
  Value message = Value::object({{"role", "assistant"},
                                 {"content", reply.text.empty() && calls ? Value() : Value(reply.text)},
                                 {"refusal", nullptr}});
  std::string reasoning;
  for (const Channel channel : {Channel::thinking, Channel::analysis, Channel::commentary})
    reasoning += reply.channels[channel];
  if (!reasoning.empty()) message.add("reasoning_content", std::move(reasoning));
  if (calls) message.add("tool_calls", base::array_of(reply.tool_calls, call_form));
  return message;
}

Value numbers(const std::vector<float>& vector) {
  return base::array_of(vector, [](float each) { return static_cast<double>(each); });
}

}  // namespace

Value batch_answer(std::size_t request, const std::string& custom_id, const Reply& reply) {
  const bool known = reply.finish != Finish::unknown;
  Value body = Value::object({{"id", "chatcmpl-" + std::to_string(request + 1)},
                              {"object", "chat.completion"},
                              {"created", unix_seconds()},
                              {"model", reply.model}});
  body.add(
      "choices",
      Value::array({Value::object({{"index", 0},
                                   {"message", message_form(reply)},
                                   {"logprobs", nullptr},
                                   {"finish_reason", known ? Value(to_string(reply.finish)) : Value()}})}));
  add_usage(body, reply.usage);
  return answered(request, custom_id, std::move(body));
}

Value batch_answer(std::size_t request, const std::string& custom_id, const EmbeddingReply& reply) {
  Value::Array data;
  for (std::size_t i = 0; i < reply.vectors.size(); ++i)
    data.push_back(Value::object({{"object", "embedding"},
                                  {"index", static_cast<std::int64_t>(i)},
                                  {"embedding", numbers(reply.vectors[i])}}));
  Value body = Value::object({{"object", "list"}, {"data", std::move(data)}, {"model", reply.model}});
  if (reply.usage.prompt_tokens)
    body.add("usage", Value::object({{"prompt_tokens", *reply.usage.prompt_tokens},
                                     {"total_tokens", *reply.usage.prompt_tokens}}));
  return answered(request, custom_id, std::move(body));
}

Value batch_failure(std::size_t request, const std::string& custom_id, const Error& error) {
  Value form = Value::object({{"code", to_string(error.code)}, {"message", error.message}});
  if (!error.hint.empty()) form.add("hint", error.hint);
  if (error.http_status != 0) form.add("http_status", error.http_status);
  return line_of(request, custom_id, Value(), std::move(form));
}

}  // namespace tachikoma::sessions
