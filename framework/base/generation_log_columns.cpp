// SPDX-License-Identifier: MIT
#include <array>
#include <optional>
#include <type_traits>

#include "base/durations.hpp"
#include "base/generation_log.hpp"
#include "base/lists.hpp"
#include "base/secrets.hpp"

namespace tachikoma::base {
namespace {

using Event = MonitorEvent;

constexpr bool is_finished(const Event& event) { return event.kind == Event::Kind::finished; }

double started_at(const Event& event) {
  return in_milliseconds(event.time.time_since_epoch()) - in_milliseconds(event.elapsed);
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value or_null(const std::optional<std::int64_t>& number) { return number ? Value(*number) : Value(); }

template <class T>
Value or_null(const Sourced<T>& number) {
  if (!number) return {};
  if constexpr (std::is_same_v<T, double>)
    return number.value;
  else
    return in_milliseconds(number.value);
}

Value of_finished(const Event& event, Value value) { return is_finished(event) ? std::move(value) : Value(); }
Value of_failed(const Event& event, Value value) { return is_finished(event) ? Value() : std::move(value); }

Value count_of(std::size_t number) { return static_cast<std::int64_t>(number); }

Value value_of(const ToolUse& use) {
  return Value::object({{"name", use.name}, {"time_ms", in_milliseconds(use.time)}, {"failed", use.failed}});
}

template <class T>
Value source_value(const Sourced<T>& number) {
  return Value::object({{"source", to_string(number.source)}, {"basis", number.basis}});
}

Value sources(const Event& event) {
  return Value::object({{"time_to_first_token", source_value(event.time_to_first_token)},
                        {"tokens_per_second", source_value(event.tokens_per_second)},
                        {"prompt_tokens_per_second", source_value(event.prompt_tokens_per_second)}});
}

// As docs/json.md has a message, but with an image's size in place of the image.
Value value_of(const Message& message) {
  Value form = Value::object({{"role", to_string(message.role)}, {"text", message.text}});
  if (!message.tool_calls.empty())
    form.set("tool_calls", array_of(message.tool_calls, [](const ToolCall& call) {
               return Value::object({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
             }));
  if (!message.tool_call_id.empty()) form.set("tool_call_id", message.tool_call_id);
  if (!message.reasoning.empty()) form.set("reasoning", message.reasoning);
  if (!message.images.empty())
    form.set("images", array_of(message.images, [](const Image& image) {
               return Value::object(
                   {{"mime_type", image.mime_type}, {"size_bytes", count_of(image.bytes.size())}});
             }));
  if (!message.extra.is_null()) form.set("extra", message.extra);
  return form;
}

Value messages(const std::vector<Message>& all) {
  return array_of(all, [](const Message& each) { return value_of(each); });
}

using Form = LogColumn::Form;

constexpr std::array kLogColumns{
    LogColumn{"outcome", "TEXT NOT NULL", Form::word,
              [](const Event& e) -> Value { return to_string(e.kind); }},
    LogColumn{"started_at", "REAL NOT NULL", Form::number,
              [](const Event& e) -> Value { return started_at(e); }},
    LogColumn{"request_id", "TEXT NOT NULL", Form::text,
              [](const Event& e) -> Value { return e.request_id; }},
    LogColumn{"provider", "TEXT NOT NULL", Form::text, [](const Event& e) -> Value { return e.provider; }},
    LogColumn{"model", "TEXT NOT NULL", Form::text, [](const Event& e) -> Value { return e.model; }},
    LogColumn{"served_model", "TEXT", Form::text,
              [](const Event& e) { return text_or_null(e.served_model); }},
    LogColumn{"server", "TEXT", Form::text,
              [](const Event& e) { return text_or_null(without_url_secrets(e.server)); }},
    LogColumn{"total_ms", "REAL NOT NULL", Form::number,
              [](const Event& e) -> Value { return in_milliseconds(e.elapsed); }},
    LogColumn{"queue_ms", "REAL NOT NULL", Form::number,
              [](const Event& e) -> Value { return in_milliseconds(e.queue_time); }},
    LogColumn{"load_ms", "REAL NOT NULL", Form::number,
              [](const Event& e) -> Value { return in_milliseconds(e.load_time); }},
    LogColumn{"displaced", "TEXT NOT NULL", Form::json, [](const Event& e) { return array_of(e.displaced); }},
    LogColumn{"steps", "INTEGER NOT NULL", Form::number, [](const Event& e) { return count_of(e.steps); }},
    LogColumn{"retries", "INTEGER NOT NULL", Form::number,
              [](const Event& e) { return count_of(e.retries); }},
    LogColumn{"fallbacks", "INTEGER NOT NULL", Form::number,
              [](const Event& e) { return count_of(e.fallbacks); }},
    LogColumn{"tool_uses", "TEXT NOT NULL", Form::json,
              [](const Event& e) {
                return array_of(e.tool_uses, [](const ToolUse& use) { return value_of(use); });
              }},
    LogColumn{"cached", "INTEGER NOT NULL", Form::number, [](const Event& e) -> Value { return e.cached; }},
    LogColumn{"error_code", "TEXT", Form::word,
              [](const Event& e) { return of_failed(e, to_string(e.error.code)); }},
    LogColumn{"error_message", "TEXT", Form::text,
              [](const Event& e) { return of_failed(e, e.error.message); }},
    LogColumn{"error_hint", "TEXT", Form::text, [](const Event& e) { return text_or_null(e.error.hint); }},
    LogColumn{"error_retryable", "INTEGER", Form::number,
              [](const Event& e) { return of_failed(e, e.error.retryable); }},
    LogColumn{"error_http_status", "INTEGER", Form::number,
              [](const Event& e) { return e.error.http_status == 0 ? Value() : Value(e.error.http_status); }},
    LogColumn{"error_detail", "TEXT", Form::json, [](const Event& e) { return e.error.detail; }},
    LogColumn{"time_to_first_token_ms", "REAL", Form::number,
              [](const Event& e) { return or_null(e.time_to_first_token); }},
    LogColumn{"decode_ms", "REAL", Form::number,
              [](const Event& e) { return of_finished(e, in_milliseconds(e.decode_time)); }},
    LogColumn{"tokens_per_second", "REAL", Form::number,
              [](const Event& e) { return or_null(e.tokens_per_second); }},
    LogColumn{"prompt_tokens_per_second", "REAL", Form::number,
              [](const Event& e) { return or_null(e.prompt_tokens_per_second); }},
    LogColumn{"sources", "TEXT", Form::json, [](const Event& e) { return of_finished(e, sources(e)); }},
    LogColumn{"prompt_tokens", "INTEGER", Form::number,
              [](const Event& e) { return or_null(e.usage.prompt_tokens); }},
    LogColumn{"completion_tokens", "INTEGER", Form::number,
              [](const Event& e) { return or_null(e.usage.completion_tokens); }},
    LogColumn{"reasoning_tokens", "INTEGER", Form::number,
              [](const Event& e) { return or_null(e.usage.reasoning_tokens); }},
    LogColumn{"cached_tokens", "INTEGER", Form::number,
              [](const Event& e) { return or_null(e.usage.cached_tokens); }},
    LogColumn{"finish", "TEXT", Form::word,
              [](const Event& e) { return of_finished(e, to_string(e.finish)); }},
    LogColumn{"extra", "TEXT", Form::json, [](const Event& e) { return e.extra; }},
    LogColumn{"asked", "TEXT", Form::content, [](const Event& e) { return messages(e.asked); }},
    LogColumn{"answered", "TEXT", Form::content, [](const Event& e) { return messages(e.answered); }},
};

}  // namespace

std::span<const LogColumn> log_columns() { return kLogColumns; }

}  // namespace tachikoma::base
