// SPDX-License-Identifier: MIT
#include "runtime/generation_settings.hpp"

#include <limits>
#include <string>
#include <tuple>

namespace tachikoma {
namespace {

template <auto Field>
struct Range {
  const char* name;
  double least, most;
};

constexpr double kNoLimit = std::numeric_limits<double>::infinity();
using S = GenerationSettings;

// Every numeric setting with its range, as in plugin/chat.hpp.
constexpr std::tuple kRanges{
    Range<&S::max_tokens>{"max_tokens", 1, kNoLimit},
    Range<&S::temperature>{"temperature", 0, 2},
    Range<&S::top_p>{"top_p", 0, 1},
    Range<&S::top_k>{"top_k", 0, kNoLimit},
    Range<&S::min_p>{"min_p", 0, 1},
    Range<&S::repeat_penalty>{"repeat_penalty", std::numeric_limits<double>::min(), kNoLimit},
    Range<&S::presence_penalty>{"presence_penalty", -2, 2},
    Range<&S::frequency_penalty>{"frequency_penalty", -2, 2},
    Range<&S::mirostat>{"mirostat", 0, 2},
    Range<&S::seed>{"seed", -kNoLimit, kNoLimit},
    Range<&S::streaming_buffer_size>{"streaming_buffer_size", 1, 1024},
};

std::string in_words(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string allowed(double least, double most) {
  if (least == std::numeric_limits<double>::min()) return "above 0";
  if (most == kNoLimit) return "at least " + in_words(least);
  return in_words(least) + " to " + in_words(most);
}

Error invalid(std::string message, std::string hint = {}) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

Status check_settings(const GenerationSettings& settings) {
  std::string wrong;
  const auto check = [&]<auto Field>(const Range<Field>& range) {
    const auto& setting = settings.*Field;
    if (!setting || !wrong.empty()) return;
    const auto value = static_cast<double>(*setting);
    if (!(value >= range.least && value <= range.most))
      wrong = std::string("setting '") + range.name + "' is " + in_words(value) + "; it must be " +
              allowed(range.least, range.most);
  };
  std::apply([&](const auto&... range) { (check(range), ...); }, kRanges);
  if (!wrong.empty()) return invalid(wrong);
  for (const std::string& each : settings.stop_sequences)
    if (each.empty())
      return invalid("setting 'stop_sequences' has an empty string; it would stop everything");
  if (!settings.extra.is_null() && !settings.extra.is_object())
    return invalid("setting 'extra' is no object; it must be one, of wire fields");
  return Done{};
}

}  // namespace

GenerationSettings merged(const GenerationSettings& over, const GenerationSettings& under) {
  GenerationSettings result = over;
  const auto take = [&]<auto Field>(const Range<Field>&) {
    if (!(result.*Field)) result.*Field = under.*Field;
  };
  std::apply([&](const auto&... range) { (take(range), ...); }, kRanges);
  if (!result.reasoning_effort) result.reasoning_effort = under.reasoning_effort;
  if (result.stop_sequences.empty()) result.stop_sequences = under.stop_sequences;
  for (const Member& member : under.extra.members())
    if (!result.extra.find(member.key)) result.extra.set(member.key, member.value);
  return result;
}

Status check_request(const TextRequest& request) {
  if (request.messages.empty())
    return invalid("the request has no messages", "give at least one: {.messages = {user(\"Hello\")}}");
  for (const Message& message : request.messages) {
    if (message.role == Role::tool && message.tool_call_id.empty())
      return invalid("a tool message does not say which call it answers", "use tool_result(call.id, text)");
    if (message.role != Role::assistant && !message.tool_calls.empty())
      return invalid("a " + std::string(to_string(message.role)) +
                     " message has tool calls; only an assistant's may");
  }
  for (const auto& [tool, implementation] : request.tools.entries())
    if (tool.name.empty() ||
        tool.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_") != std::string::npos)
      return invalid("tool name '" + tool.name +
                     "' has other characters than letters, digits and underscores");
  return check_settings(request.settings);
}

}  // namespace tachikoma
