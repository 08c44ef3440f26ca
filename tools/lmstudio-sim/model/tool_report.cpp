// SPDX-License-Identifier: MIT
#include "model/tool_report.hpp"

#include <algorithm>
#include <iterator>

#include "http/json_value.hpp"
#include "model/question.hpp"
#include "model/tool_choice.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

namespace {

std::string plain(const JsonValue& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (!value.is_object()) return to_json(value);
  std::string text;
  for (const auto& [key, member] : value.members())
    text += (text.empty() ? "" : ", ") + key + " " + plain(member);
  return text;
}

// The subject of a call: "weather in Tokyo" for get_current_weather with {"location": "Tokyo"}.
std::string subject_of(const ToolCall& call) {
  std::string subject;
  for (const std::string& word : identifier_words(call.name))
    if (!is_filler(word)) subject += (subject.empty() ? "" : " ") + word;
  if (subject.empty()) subject = "result of " + call.name;
  const auto arguments = parse_json(call.arguments);
  if (!arguments) return subject;
  std::string values;
  bool located = false;
  for (const auto& [key, value] : arguments->members()) {
    const std::string name = lower_case(key);
    located = located || name == "location" || name == "city" || name == "place" || name == "country";
    values += (values.empty() ? "" : ", ") + plain(value);
  }
  return values.empty() ? subject : subject + (located ? " in " : " for ") + values;
}

std::string sentence_of(const ToolCall& call, std::string_view result) {
  const auto parsed = parse_json(result);
  std::string text = parsed ? plain(*parsed) : std::string(result);
  while (text.ends_with('.') || text.ends_with('\n')) text.pop_back();
  const bool failed = lower_case(text).starts_with("error") || (parsed && parsed->find("error"));
  if (failed) return "The call to " + call.name + " failed: " + text + ".";
  return "The " + subject_of(call) + " is " + text + ".";
}

const ToolCall* find_call(const std::vector<ChatMessage>& messages, std::string_view id) {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message)
    for (const ToolCall& call : message->tool_calls)
      if (call.id == id) return &call;
  return nullptr;
}

}  // namespace

std::string report_results(const std::vector<ChatMessage>& messages) {
  auto first = messages.end();
  while (first != messages.begin() && std::prev(first)->role == "tool") --first;
  std::string text;
  for (auto message = first; message != messages.end(); ++message) {
    const ToolCall* call = find_call(messages, message->tool_call_id);
    if (!text.empty()) text += " ";
    text += sentence_of(call ? *call : ToolCall{"tool", "{}"}, message->text);
  }
  return text;
}

}  // namespace lmstudio_sim
