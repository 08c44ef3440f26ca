// SPDX-License-Identifier: MIT
#include "support/recording_sink.hpp"

#include "base/json.hpp"

namespace tachikoma::testing {

Flow RecordingSink::on_event(const ChatEvent& event) {
  switch (event.kind) {
    case ChatEvent::Kind::delta:
      lines.append(to_string(event.channel)).append(": ");
      base::append_json_string(lines, event.text);
      if (event.channel == Channel::final) text += event.text;
      ++deltas;
      if (on_delta) on_delta();
      break;
    case ChatEvent::Kind::tool_call:
      lines += "call " + std::to_string(event.index) + ":";
      if (!event.id.empty()) lines.append(" id=").append(event.id);
      if (!event.name.empty()) lines.append(" name=").append(event.name);
      if (!event.text.empty()) lines.append(" ").append(event.text);
      break;
    case ChatEvent::Kind::progress:
      lines.append("progress: ").append(event.text).append(" ");
      base::append_json_number(lines, event.fraction);
      break;
    case ChatEvent::Kind::rechannel: lines.append("rechannel: ").append(to_string(event.channel)); break;
    case ChatEvent::Kind::notice: lines.append("notice: ").append(event.text); break;
  }
  lines += '\n';
  return stop_after && deltas >= stop_after ? Flow::stop : Flow::proceed;
}

std::string describe(const Error& error) {
  std::string text = "error: " + std::string(to_string(error.code)) +
                     (error.retryable ? " (retryable)" : "") + "\n  " + error.message + "\n";
  if (!error.hint.empty()) text += "  hint: " + error.hint + "\n";
  if (error.http_status) text += "  HTTP status " + std::to_string(error.http_status) + "\n";
  if (!error.detail.is_null()) text += "  detail: " + base::to_json(error.detail) + "\n";
  return text;
}

std::string describe(const Result<ChatOutcome>& outcome) {
  if (!outcome) return describe(outcome.error());
  const auto number = [](const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : std::string("-");
  };
  std::string text = "finish: " + std::string(to_string(outcome->finish)) + "\n";
  text += "usage: prompt " + number(outcome->usage.prompt_tokens) + ", completion " +
          number(outcome->usage.completion_tokens) + ", reasoning " +
          number(outcome->usage.reasoning_tokens) + "\n";
  if (!outcome->served_model.empty()) text += "model: " + outcome->served_model + "\n";
  if (!outcome->extra.is_null()) text += "extra: " + base::to_json(outcome->extra) + "\n";
  return text;
}

}  // namespace tachikoma::testing
