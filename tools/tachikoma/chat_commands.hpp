// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "chat_state.hpp"

namespace tachikoma::cli {

/// One slash command. The table of all is the only place that knows their names: help, Tab and the
/// suggestions for a mistyped one are made from it.
struct SlashCommand {
  /// What Tab completes behind its name.
  enum class Argument : std::uint8_t { none, text, model, tool, setting, reasoning, file, chat, reload };

  std::string_view name;       ///< "/model"
  std::string_view arguments;  ///< for people: "[NAME]"; empty: it takes none
  std::string_view help;       ///< empty: another name of a command
  Argument argument = Argument::none;
  void (*run)(Chat& chat, std::string_view rest) = nullptr;  ///< null: it ends the chat
};

/// All, in the order of /help.
std::span<const SlashCommand> slash_commands();

/// Runs a line that begins with a slash; false when it ends the chat.
bool run_command(Chat& chat, std::string_view line);

}  // namespace tachikoma::cli
