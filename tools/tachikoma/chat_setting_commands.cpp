// SPDX-License-Identifier: MIT
// The slash commands on how the model answers, and on how it has answered.
#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "answer.hpp"
#include "base/generation_settings.hpp"
#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "chat_actions.hpp"
#include "chat_settings.hpp"
#include "option_set.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

constexpr std::array kEfforts{ReasoningEffort::none, ReasoningEffort::low, ReasoningEffort::medium,
                              ReasoningEffort::high};

// Whether a text was understood as a value of the setting.
template <class Number>
bool read_setting(std::optional<Number>& into, std::string_view text, const SettingRule& rule) {
  if constexpr (std::is_arithmetic_v<Number>) {
    Number number = 0;
    if (!parse_number(text, number) || !rule.allows(static_cast<double>(number))) return false;
    into = number;
    return true;
  } else if constexpr (std::is_same_v<Number, ReasoningEffort>) {
    const auto found = std::find_if(kEfforts.begin(), kEfforts.end(),
                                    [&](ReasoningEffort each) { return to_string(each) == text; });
    if (found == kEfforts.end()) return false;
    into = *found;
    return true;
  } else {
    return false;
  }
}

bool read_setting(std::vector<std::string>& into, std::string_view text, const SettingRule&) {
  into = {std::string(text)};
  return true;
}

template <class Setting>
constexpr bool can_set() {
  return std::is_same_v<Setting, std::optional<std::int64_t>> ||
         std::is_same_v<Setting, std::optional<double>> ||
         std::is_same_v<Setting, std::optional<ReasoningEffort>> ||
         std::is_same_v<Setting, std::vector<std::string>>;
}

Error unknown_setting(std::string_view name) {
  const std::vector<std::string> names = setting_names();
  const std::vector<std::string> near = base::nearest(name, names, 1);
  return {ErrorCode::invalid_argument, "unknown setting '" + std::string(name) + "'",
          near.empty() ? "there are " + base::listed(names, " and ") : base::did_you_mean(near)};
}

void list_settings(Chat& chat) {
  const Value settings = base::to_value(chat.conversation.settings);
  if (chat.options.json) return chat.output.print_json("settings", settings);
  std::string text;
  for (const Member& member : settings.members())
    text += std::string(member.key) + " " + to_json(member.value) + "\n";
  chat.output.print_foreign(text.empty() ? "every setting is the configuration's or the server's\n" : text);
}

void print_reasoning(Chat& chat) {
  std::string text;
  if (chat.last)
    for (const Channel channel : {Channel::thinking, Channel::analysis, Channel::commentary})
      text += chat.last->channels[channel];
  if (chat.options.json) return chat.output.print_json("reasoning", Value::object({{"text", text}}));
  if (text.empty()) return chat.output.say("tachikoma: no answer with reasoning yet");
  chat.output.print_foreign(text.ends_with('\n') ? text : text + "\n");
}

}  // namespace

std::vector<std::string> setting_names() {
  std::vector<std::string> names;
  for_each_generation_setting([&](const char* name, auto member, const SettingRule& rule) {
    using Setting = std::remove_reference_t<decltype(GenerationSettings().*member)>;
    if (can_set<Setting>() && !rule.is_for_host) names.emplace_back(name);
  });
  return names;
}

void change_setting(Chat& chat, std::string_view name_and_value) {
  if (name_and_value.empty()) return list_settings(chat);
  const std::size_t end = std::min(name_and_value.find_first_of(" \t="), name_and_value.size());
  const std::string_view name = name_and_value.substr(0, end);
  const std::size_t start = std::min(name_and_value.find_first_not_of(" \t=", end), name_and_value.size());
  const std::string_view text = name_and_value.substr(start);
  const std::vector<std::string> names = setting_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    return (void)chat.output.fail(unknown_setting(name));
  for_each_generation_setting([&](const char* each, auto member, const SettingRule& rule) {
    auto& setting = chat.conversation.settings.*member;
    if constexpr (can_set<std::remove_reference_t<decltype(setting)>>()) {
      if (each != name) return;
      if (text == "default")
        setting = {};
      else if (!read_setting(setting, text, rule))
        return (void)chat.output.fail(
            {ErrorCode::invalid_argument,
             (text.empty() ? "a value is missing" : "'" + std::string(text) + "' is not a value") + " of " +
                 each,
             std::string(rule.about)});
      report(chat, std::string(each) + " is " + std::string(text) + " from here on");
    }
  });
}

void show_reasoning(Chat& chat, std::string_view how) {
  if (how.empty()) return print_reasoning(chat);
  const auto found = std::find(kReasoningWords.begin(), kReasoningWords.end(), how);
  if (found == kReasoningWords.end())
    return (void)chat.output.fail(
        {ErrorCode::invalid_argument, "'" + std::string(how) + "' is not one of hide, show and only",
         "as in: /reasoning show; /set reasoning_effort high makes it reason more"});
  chat.think = static_cast<Think>(found - kReasoningWords.begin());
  constexpr std::array<std::string_view, 3> kSaid{"reasoning is hidden from here on",
                                                  "reasoning is shown from here on",
                                                  "only reasoning is shown from here on"};
  report(chat, kSaid[static_cast<std::size_t>(chat.think)]);
}

void use_system(Chat& chat, std::string_view text) {
  chat.conversation.set_system(std::string(text));
  report(chat,
         "from here on with " + std::string(text.empty() ? "no" : "this") + " system prompt; all turns stay");
}

void show_stats(Chat& chat, std::string_view) {
  if (chat.options.json)
    return chat.output.print_json(
        "chat_stats",
        Value::object({{"last", chat.last ? Value::object({{"usage", to_value(chat.last->usage)},
                                                           {"metrics", to_value(chat.last->metrics)}})
                                          : Value()},
                       {"prompt_tokens", chat.prompt_tokens},
                       {"completion_tokens", chat.completion_tokens}}));
  if (!chat.last) return chat.output.print("no answer yet\n");
  chat.output.print("last answer: " + usage_line(chat.last->usage, chat.last->metrics) +
                    "\nall answers: " + std::to_string(chat.prompt_tokens) + " prompt + " +
                    std::to_string(chat.completion_tokens) + " completion tokens\n");
}

}  // namespace tachikoma::cli
