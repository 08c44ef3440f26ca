// SPDX-License-Identifier: MIT
#include "models/generation_settings.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "base/nearest.hpp"

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
  for (const auto& [token, bias] : settings.logit_bias)
    if (token < 0 || !(bias >= -100 && bias <= 100))
      return invalid("setting 'logit_bias' of token " + std::to_string(token) + " is " + in_words(bias) +
                     "; it must be -100 to 100, of a token from 0");
  if (settings.ttl && settings.ttl->count() <= 0)
    return invalid("setting 'ttl' is " + std::to_string(settings.ttl->count()) + " s; it must be above 0");
  if (!settings.extra.is_null() && !settings.extra.is_object())
    return invalid("setting 'extra' is no object; it must be one, of wire fields");
  return Done{};
}

Status check_message(const Message& message) {
  if (message.role == Role::tool && message.tool_call_id.empty())
    return invalid("a tool message does not say which call it answers", "use tool_result(call.id, text)");
  if (message.role != Role::assistant && !message.tool_calls.empty())
    return invalid("a " + std::string(to_string(message.role)) +
                   " message has tool calls; only an assistant's may");
  if (message.role != Role::user && !message.images.empty())
    return invalid("a " + std::string(to_string(message.role)) + " message has images; only a user's may");
  return Done{};
}

Status check_tool_choice(const TextRequest& request) {
  if (!request.tool_choice || request.tool_choice->mode == ToolChoice::Mode::none) return Done{};
  if (request.tools.empty())
    return invalid("the request has a tool choice, and no tools", "give the tools, or leave the choice out");
  if (request.tool_choice->mode != ToolChoice::Mode::named) return Done{};
  const std::string& name = request.tool_choice->name;
  std::vector<std::string> names;
  for (const ToolKit::Entry& entry : request.tools.entries()) names.push_back(entry.spec.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return Done{};
  return invalid("the tool choice names '" + name + "', which is not a tool of the request",
                 base::did_you_mean(base::nearest(name, names)));
}

Status check_tools(const TextRequest& request) {
  constexpr std::string_view kNameCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  for (const auto& [tool, implementation] : request.tools.entries())
    if (tool.name.empty() || tool.name.find_first_not_of(kNameCharacters) != std::string::npos)
      return invalid("tool name '" + tool.name +
                     "' has other characters than letters, digits and underscores");
  if (request.tool_rules.max_steps == 0) return invalid("tool_rules.max_steps is 0; it must be at least 1");
  if (request.tool_rules.max_parallel == 0)
    return invalid("tool_rules.max_parallel is 0; it must be at least 1");
  if (request.tool_rules.time_limit.count() < 0)
    return invalid("tool_rules.time_limit is negative; 0 is never");
  return check_tool_choice(request);
}

}  // namespace

GenerationSettings merged(const GenerationSettings& over, const GenerationSettings& under) {
  GenerationSettings result = over;
  const auto take = [&]<auto Field>(const Range<Field>&) {
    if (!(result.*Field)) result.*Field = under.*Field;
  };
  std::apply([&](const auto&... range) { (take(range), ...); }, kRanges);
  if (!result.reasoning_effort) result.reasoning_effort = under.reasoning_effort;
  if (result.logit_bias.empty()) result.logit_bias = under.logit_bias;
  if (result.draft_model.empty()) result.draft_model = under.draft_model;
  if (!result.ttl) result.ttl = under.ttl;
  if (result.stop_sequences.empty()) result.stop_sequences = under.stop_sequences;
  for (const Member& member : under.extra.members())
    if (!result.extra.find(member.key)) result.extra.set(member.key, member.value);
  return result;
}

Status check_request(const TextRequest& request) {
  if (request.messages.empty())
    return invalid("the request has no messages", "give at least one: {.messages = {user(\"Hello\")}}");
  for (const Message& message : request.messages)
    if (Status checked = check_message(message); !checked) return checked;
  if (Status checked = check_tools(request); !checked) return checked;
  return check_settings(request.settings);
}

}  // namespace tachikoma
