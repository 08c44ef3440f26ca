// SPDX-License-Identifier: MIT
#include "chat_commands.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "chat_actions.hpp"

namespace tachikoma::cli {
namespace {

using Argument = SlashCommand::Argument;

void show_help(Chat& chat, std::string_view);

constexpr std::array kCommands{
    SlashCommand{"/model", "[NAME]", "switch to another model and load it; alone: list all", Argument::model,
                 use_model},
    SlashCommand{"/models", "", "the models of every server", Argument::none, list_models},
    SlashCommand{"/ps", "", "the models in memory, and what they are doing", Argument::none, list_memory},
    SlashCommand{"/system", "[TEXT]", "go on with another system prompt; alone: with none", Argument::text,
                 use_system},
    SlashCommand{"/set", "[NAME VALUE]", "change a setting: /set temperature 0.2, or 'default'",
                 Argument::setting, change_setting},
    SlashCommand{"/reasoning", "[HOW]", "show, hide or only; alone: that of the last answer",
                 Argument::reasoning, show_reasoning},
    SlashCommand{"/tools", "[ID...]", "let the model call these tools; 'none': no tool", Argument::tool,
                 use_tools},
    SlashCommand{"/file", "FILE", "add a text file or an image to the next message", Argument::file,
                 attach_file},
    SlashCommand{"/edit", "[TEXT]", "write the next message in an editor", Argument::text, edit_message},
    SlashCommand{"/retry", "", "have the last message answered once more", Argument::none, retry},
    SlashCommand{"/stats", "", "tokens and speed of the last answer, and total tokens", Argument::none,
                 show_stats},
    SlashCommand{"/reset", "", "forget all turns", Argument::none, reset},
    SlashCommand{"/fork", "", "go on with a copy of this chat", Argument::none, fork},
    SlashCommand{"/save", "FILE", "write this chat to a file", Argument::file, save},
    SlashCommand{"/resume", "[ID]", "go on with a saved chat; alone: list the last ones", Argument::chat,
                 resume},
    SlashCommand{"/reload", "[--dry-run]", "read the configuration again, or say what that changes",
                 Argument::reload, reload},
    SlashCommand{"/help", "", "this list", Argument::none, show_help},
    SlashCommand{"/exit", "", "exit, like ^D"},
    SlashCommand{"/usage", "", "", Argument::none, show_stats},
    SlashCommand{"/clear", "", "", Argument::none, reset},
    SlashCommand{"/quit", "", ""}};

constexpr std::string_view kKeys =
    R"(A \ at the end of a line continues it, and so does Alt+Enter; pasted lines are
one message. Tab completes, and Up goes to earlier lines. ^C stops an answer.
)";

constexpr std::size_t kNameColumn = 21;

void show_help(Chat& chat, std::string_view) {
  std::string text;
  Value::Array commands;
  for (const SlashCommand& command : kCommands) {
    if (command.help.empty()) continue;
    std::string line(command.name);
    if (!command.arguments.empty()) line.append(" ").append(command.arguments);
    line.resize(std::max(kNameColumn, line.size() + 1), ' ');
    text += line.append(command.help) + "\n";
    commands.push_back(
        Value::object({{"name", command.name}, {"arguments", command.arguments}, {"help", command.help}}));
  }
  if (chat.options.json)
    return chat.output.print_json("chat_commands", Value::object({{"commands", std::move(commands)}}));
  chat.output.print(text.append(kKeys));
}

Error unknown(std::string_view name) {
  const std::vector<std::string> near =
      base::nearest(name, base::texts_of(kCommands, &SlashCommand::name), 1);
  return {ErrorCode::invalid_argument, "unknown command '" + std::string(name) + "'",
          near.empty() ? "/help lists the commands; put a blank before a message that begins with '/'"
                       : base::did_you_mean(near)};
}

Error unexpected(const SlashCommand& command, std::string_view rest) {
  return {ErrorCode::invalid_argument,
          std::string(command.name) + " takes nothing, found '" + std::string(rest) + "'"};
}

Error missing(const SlashCommand& command) {
  return {ErrorCode::invalid_argument, std::string(command.name) + " needs a file",
          "as in: " + std::string(command.name) + (command.run == save ? " talk.jsonl" : " notes.md")};
}

}  // namespace

std::span<const SlashCommand> slash_commands() { return kCommands; }

bool run_command(Chat& chat, std::string_view line) {
  line = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
  const std::size_t end = std::min(line.find_first_of(" \t\n"), line.size());
  const std::string_view name = line.substr(0, end);
  const std::size_t start = line.find_first_not_of(" \t\n", end);
  const std::string_view rest = start == std::string_view::npos ? std::string_view() : line.substr(start);
  const auto command = std::find_if(kCommands.begin(), kCommands.end(),
                                    [&](const SlashCommand& each) { return each.name == name; });
  if (command == kCommands.end()) {
    chat.output.fail(unknown(name));
  } else if (command->arguments.empty() && !rest.empty()) {
    chat.output.fail(unexpected(*command, rest));
  } else if (!command->run) {
    return false;
  } else if (rest.empty() && !command->arguments.empty() && !command->arguments.starts_with('[')) {
    chat.output.fail(missing(*command));
  } else {
    command->run(chat, rest);
  }
  return true;
}

}  // namespace tachikoma::cli
