// SPDX-License-Identifier: MIT
#include "otlp/span_json.hpp"

#include <optional>
#include <utility>

#include "common/monitor/gen_ai.hpp"
#include "common/net/server_url.hpp"
#include "otlp/otlp_json.hpp"

namespace tachikoma::otlp {
namespace {

using namespace kit::gen_ai;

constexpr int kClient = 3;  // SPAN_KIND_CLIENT
constexpr int kFailed = 2;  // STATUS_CODE_ERROR

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void add_known(Value& attributes, std::string_view name, std::string_view text) {
  if (!text.empty()) add_attribute(attributes, name, text);
}
void add_known(Value& attributes, std::string_view name, const std::optional<std::int64_t>& number) {
  if (number) add_attribute(attributes, name, *number);
}
void add_unless_zero(Value& attributes, std::string_view name, std::chrono::nanoseconds time) {
  if (time.count() != 0) add_attribute(attributes, name, seconds(time));
}
void add_unless_zero(Value& attributes, std::string_view name, std::size_t count) {
  if (count != 0) add_attribute(attributes, name, static_cast<std::int64_t>(count));
}

void add_server(Value& attributes, const std::string& address) {
  const Result<kit::ServerUrl> url = kit::parse_server_url(address);
  if (!url) return;  // a provider without a server
  add_attribute(attributes, kServerAddress, url->host);
  add_attribute(attributes, kServerPort, std::int64_t{url->port});
}

void add_answer(Value& attributes, const MonitorEvent& event) {
  add_attribute(attributes, kFinishReasons, Value::Array{to_string(event.finish)});
  if (event.time_to_first_token)
    add_attribute(attributes, kFirstChunk, seconds(event.time_to_first_token.value));
  add_known(attributes, kInputTokens, event.usage.prompt_tokens);
  add_known(attributes, kOutputTokens, event.usage.completion_tokens);
  add_known(attributes, kCacheReadTokens, event.usage.cached_tokens);
  add_known(attributes, kReasoningTokens, event.usage.reasoning_tokens);
}

void add_course(Value& attributes, const MonitorEvent& event) {
  add_known(attributes, kRequestId, event.request_id);
  add_unless_zero(attributes, kQueueTime, event.queue_time);
  add_unless_zero(attributes, kLoadTime, event.load_time);
  if (!event.displaced.empty())
    add_attribute(attributes, kDisplaced, Value::Array(event.displaced.begin(), event.displaced.end()));
  add_attribute(attributes, kSteps, static_cast<std::int64_t>(event.steps));
  add_unless_zero(attributes, kRetries, event.retries);
  add_unless_zero(attributes, kFallbacks, event.fallbacks);
  if (event.cached) add_attribute(attributes, kCached, true);
}

Value attributes_of(const MonitorEvent& event) {
  Value attributes = Value::array();
  add_attribute(attributes, kOperation, kChat);
  add_attribute(attributes, kProvider, event.provider);
  add_known(attributes, kRequestModel, event.model);
  add_known(attributes, kResponseModel, event.served_model);
  add_server(attributes, event.server);
  if (event.kind == MonitorEvent::Kind::failed)
    add_attribute(attributes, kErrorType, to_string(event.error.code));
  else
    add_answer(attributes, event);
  add_course(attributes, event);
  return attributes;
}

Value span_event(std::string_view name, const std::string& time, Value attributes) {
  Value event = Value::object({{"timeUnixNano", time}, {"name", name}});
  if (!attributes.elements().empty()) event.add("attributes", std::move(attributes));
  return event;
}

Value events_of(const MonitorEvent& event) {
  Value events = Value::array();
  if (event.time_to_first_token)
    events.push_back(span_event(kFirstToken,
                                unix_nano(event.time - event.elapsed + event.time_to_first_token.value),
                                Value::array()));
  for (const ToolUse& use : event.tool_uses) {
    Value attributes = Value::array();
    add_attribute(attributes, kToolName, use.name);
    add_attribute(attributes, kToolTime, seconds(use.time));
    if (use.failed) add_attribute(attributes, kErrorType, to_string(ErrorCode::tool_failed));
    events.push_back(span_event(kToolUse, unix_nano(event.time), std::move(attributes)));
  }
  return events;
}

}  // namespace

Value span_of(const MonitorEvent& event, std::string trace_id, std::string span_id) {
  Value span = Value::object({{"traceId", std::move(trace_id)},
                              {"spanId", std::move(span_id)},
                              {"name", std::string(kChat) + (event.model.empty() ? "" : " " + event.model)},
                              {"kind", kClient},
                              {"startTimeUnixNano", unix_nano(event.time - event.elapsed)},
                              {"endTimeUnixNano", unix_nano(event.time)},
                              {"attributes", attributes_of(event)}});
  if (Value events = events_of(event); !events.elements().empty()) span.add("events", std::move(events));
  if (event.kind == MonitorEvent::Kind::failed)
    span.add("status", Value::object({{"message", event.error.message}, {"code", kFailed}}));
  return span;
}

}  // namespace tachikoma::otlp
