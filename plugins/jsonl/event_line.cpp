// SPDX-License-Identifier: MIT
#include "jsonl/event_line.hpp"

#include <optional>
#include <string>
#include <utility>

#include "base/durations.hpp"
#include "base/sourced_json.hpp"

namespace tachikoma::jsonl {
namespace {

using Kind = MonitorEvent::Kind;

Value count(std::size_t number) { return static_cast<std::int64_t>(number); }

Value or_null(const std::optional<std::int64_t>& number) { return number ? Value(*number) : Value(); }

Value tools_value(const std::vector<ToolUse>& uses) {
  Value list = Value::array();
  for (const ToolUse& use : uses)
    list.push_back(Value::object(
        {{"name", use.name}, {"time_ms", base::in_milliseconds(use.time)}, {"failed", use.failed}}));
  return list;
}

Value error_value(const Error& error) {
  Value object = Value::object({{"code", to_string(error.code)}, {"message", error.message}});
  if (!error.hint.empty()) object.add("hint", error.hint);
  object.add("retryable", error.retryable);
  if (error.http_status != 0) object.add("http_status", error.http_status);
  if (!error.detail.is_null()) object.add("detail", error.detail);
  return object;
}

Value usage_value(const Usage& usage) {
  return Value::object({{"prompt_tokens", or_null(usage.prompt_tokens)},
                        {"completion_tokens", or_null(usage.completion_tokens)},
                        {"reasoning_tokens", or_null(usage.reasoning_tokens)},
                        {"cached_tokens", or_null(usage.cached_tokens)},
                        {"total_tokens", or_null(usage.total_tokens())}});
}

Value message_value(const Message& message) {
  Value object = Value::object({{"role", to_string(message.role)}, {"text", message.text}});
  if (!message.reasoning.empty()) object.add("reasoning", message.reasoning);
  for (const ToolCall& call : message.tool_calls) {
    if (!object.find("tool_calls")) object.add("tool_calls", Value::array());
    object.find("tool_calls")
        ->push_back(Value::object({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}}));
  }
  if (!message.tool_call_id.empty()) object.add("tool_call_id", message.tool_call_id);
  for (const Image& image : message.images) {
    if (!object.find("images")) object.add("images", Value::array());
    object.find("images")->push_back(
        Value::object({{"mime_type", image.mime_type}, {"bytes", count(image.bytes.size())}}));
  }
  if (!message.extra.is_null()) object.add("extra", message.extra);
  return object;
}

Value messages_value(const std::vector<Message>& messages) {
  Value list = Value::array();
  for (const Message& message : messages) list.push_back(message_value(message));
  return list;
}

void add_last(Value& line, const MonitorEvent& event) {
  line.add("served_model", event.served_model);
  line.add("server", event.server);
  line.add("queue_ms", base::in_milliseconds(event.queue_time));
  line.add("load_ms", base::in_milliseconds(event.load_time));
  Value& displaced = line.add("displaced", Value::array());
  for (const std::string& model : event.displaced) displaced.push_back(model);
  line.add("steps", count(event.steps));
  line.add("retries", count(event.retries));
  line.add("fallbacks", count(event.fallbacks));
  line.add("tool_uses", tools_value(event.tool_uses));
  line.add("cached", event.cached);
}

void add_finish(Value& line, const MonitorEvent& event) {
  const Sourced<std::chrono::nanoseconds>& first = event.time_to_first_token;
  line.add("finish", to_string(event.finish));
  line.add("time_to_first_token",
           sourced_value(Value(base::in_milliseconds(first.value)), "ms", first.source, first.basis));
  line.add("decode_ms", base::in_milliseconds(event.decode_time));
  line.add("tokens_per_second", sourced_value(event.tokens_per_second, "tokens/s"));
  line.add("prompt_tokens_per_second", sourced_value(event.prompt_tokens_per_second, "tokens/s"));
  line.add("usage", usage_value(event.usage));
  line.add("extra", event.extra);
}

}  // namespace

Value describe(const MonitorEvent& event, bool with_content) {
  Value line = Value::object({{"schema_version", kSchemaVersion},
                              {"kind", to_string(event.kind)},
                              {"time", base::utc_text(event.time)},
                              {"request_id", event.request_id},
                              {"provider", event.provider},
                              {"model", event.model},
                              {"elapsed_ms", base::in_milliseconds(event.elapsed)}});
  if (event.kind == Kind::started || event.kind == Kind::first_token) return line;
  add_last(line, event);
  if (event.kind == Kind::failed) line.add("error", error_value(event.error));
  if (event.kind == Kind::finished) add_finish(line, event);
  if (with_content) {
    line.add("asked", messages_value(event.asked));
    line.add("answered", messages_value(event.answered));
  }
  return line;
}

}  // namespace tachikoma::jsonl
