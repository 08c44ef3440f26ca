// SPDX-License-Identifier: MIT
#include "models/generation_settings.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/durations.hpp"
#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "base/try.hpp"
#include "tools/tool_runner.hpp"

namespace tachikoma {
namespace {

std::string in_words(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string allowed(const SettingRule& rule) {
  if (rule.exclusive_min) return "above " + in_words(rule.min);
  if (rule.max == SettingRule::kNoLimit) return "at least " + in_words(rule.min);
  return in_words(rule.min) + " to " + in_words(rule.max);
}

Error invalid(std::string message, std::string hint = {}) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

// What is wrong with a setting's value, such as "is 3; it must be 0 to 2"; empty: nothing.
template <class Number>
std::string fault_of(const std::optional<Number>& setting, const SettingRule& rule) {
  const auto value = static_cast<double>(setting.value_or(Number()));
  if (!setting || rule.allows(value)) return {};
  return "is " + in_words(value) + "; it must be " + allowed(rule);
}

std::string fault_of(const std::optional<ReasoningEffort>&, const SettingRule&) { return {}; }
std::string fault_of(const std::string&, const SettingRule&) { return {}; }

std::string fault_of(const std::optional<std::chrono::seconds>& time, const SettingRule& rule) {
  if (!time || rule.allows(static_cast<double>(time->count()))) return {};
  return "is " + base::describe_time(*time) + "; it must be " + allowed(rule);
}

std::string fault_of(const std::vector<std::string>& texts, const SettingRule&) {
  const bool has_empty = std::find(texts.begin(), texts.end(), "") != texts.end();
  return has_empty ? "has an empty string; it would stop everything" : "";
}

std::string fault_of(const std::vector<LogitBias>& biases, const SettingRule& rule) {
  for (const auto& [token, bias] : biases)
    if (token < 0 || !rule.allows(bias))
      return "of token " + std::to_string(token) + " is " + in_words(bias) + "; it must be " + allowed(rule) +
             ", of a token from 0";
  return {};
}

Status check_settings(const GenerationSettings& settings) {
  std::string wrong;
  for_each_generation_setting([&](const char* name, auto member, const SettingRule& rule) {
    if (!wrong.empty() || !is_present(settings.*member)) return;
    if (const std::string fault = fault_of(settings.*member, rule); !fault.empty())
      wrong = "setting '" + std::string(name) + "' " + fault;
  });
  if (!wrong.empty()) return invalid(std::move(wrong));
  if (!settings.extra.is_null() && !settings.extra.is_object())
    return invalid("setting 'extra' is not an object of wire fields");
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
    return invalid("the request has a tool choice, but no tools", "add tools, or leave the choice out");
  if (request.tool_choice->mode != ToolChoice::Mode::named) return Done{};
  const std::string& name = request.tool_choice->name;
  const std::vector<std::string> names =
      base::texts_of(request.tools.entries(), [](const ToolKit::Entry& entry) { return entry.spec.name; });
  if (std::find(names.begin(), names.end(), name) != names.end()) return Done{};
  return invalid("the tool choice names '" + name + "', which is not a tool of the request",
                 base::did_you_mean(base::nearest(name, names)));
}

Status check_tools(const TextRequest& request) {
  for (const ToolKit::Entry& entry : request.tools.entries())
    TACHIKOMA_TRY_STATUS(tools::check_tool_name(entry.spec.name));
  TACHIKOMA_TRY_STATUS(tools::check_rules(request.tool_rules));
  return check_tool_choice(request);
}

}  // namespace

GenerationSettings merged(const GenerationSettings& over, const GenerationSettings& under) {
  GenerationSettings result = over;
  for_each_generation_setting([&](const char*, auto member, const SettingRule&) {
    if (!is_present(result.*member)) result.*member = under.*member;
  });
  for (const Member& member : under.extra.members())
    if (!result.extra.find(member.key)) result.extra.set(member.key, member.value);
  return result;
}

Status check_request(const TextRequest& request) {
  if (request.messages.empty())
    return invalid("the request has no messages", "give at least one: {.messages = {user(\"Hello\")}}");
  for (const Message& message : request.messages) TACHIKOMA_TRY_STATUS(check_message(message));
  TACHIKOMA_TRY_STATUS(check_tools(request));
  return check_settings(request.settings);
}

}  // namespace tachikoma
