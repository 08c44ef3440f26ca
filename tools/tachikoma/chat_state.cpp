// SPDX-License-Identifier: MIT
#include "chat_state.hpp"

#include <algorithm>
#include <utility>

#include "base/generation_settings.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"

namespace tachikoma::cli {
namespace {

Value state_of(const Chat& chat) {
  const std::vector<Message>& messages = chat.conversation.messages();
  const auto turns = std::count_if(messages.begin(), messages.end(),
                                   [](const Message& each) { return each.role == Role::user; });
  const bool has_system = !messages.empty() && messages.front().role == Role::system;
  return Value::object({{"model", model_name(chat)},
                        {"system", has_system ? Value(messages.front().text) : Value()},
                        {"turns", static_cast<std::int64_t>(turns)},
                        {"file", chat.conversation.file()},
                        {"settings", base::to_value(chat.conversation.settings)},
                        {"tools", base::array_of(chat.tools)}});
}

}  // namespace

Result<ToolKit> tool_kit(const Runtime& runtime, const std::vector<std::string>& ids) {
  ToolKit kit;
  for (const std::string& id : ids) {
    TACHIKOMA_TRY(std::shared_ptr<Tool> tool, runtime.tool(id));
    kit.add(std::move(tool));
  }
  return kit;
}

Status equip(Chat& chat, Conversation& conversation) {
  TACHIKOMA_TRY(conversation.tools, tool_kit(chat.runtime, chat.tools));
  const GenerationSettings& given = chat.options.settings;
  for_each_generation_setting([&](const char*, auto member, const SettingRule&) {
    if (is_present(given.*member)) conversation.settings.*member = given.*member;
  });
  if (chat.options.token_budget) conversation.token_budget = chat.options.token_budget;
  if (chat.options.no_cache) conversation.cache = CacheUse::bypass;
  return Done{};
}

std::string model_name(const Chat& chat) {
  if (const std::string& name = chat.conversation.model(); !name.empty()) return name;
  return chat.runtime.models().selected();
}

void report(const Chat& chat, std::string_view sentence) {
  chat.output.say("tachikoma: " + std::string(sentence));
  if (chat.options.json) chat.output.print_json("chat", state_of(chat));
}

void fail_turn(Chat& chat, const Error& error) {
  const int code = chat.output.fail(error);
  if (!chat.on_terminal && chat.exit_code == 0) chat.exit_code = code;
}

}  // namespace tachikoma::cli
