// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interrupt.hpp"
#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/conversation.hpp>
#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// One run of `chat`: what its lines, and the commands among them, work on.
struct Chat {
  const Options& options;
  Output& output;
  Runtime& runtime;
  Interrupts& interrupts;
  Conversation conversation;

  bool on_terminal = false;  ///< someone types, and looks
  bool saves = true;
  Think think = Think::hide;
  std::vector<std::string> tools = {};  ///< ids of the configuration's tools that the model may call
  Message attached = {};                ///< what /file has added to the next message
  std::string draft = {};               ///< what /edit has written: the next message

  std::optional<Reply> last = {};  ///< the last whole answer
  bool has_new_turn = false;
  std::int64_t prompt_tokens = 0;  ///< of all answers
  std::int64_t completion_tokens = 0;
  int exit_code = 0;
};

/// Gives the conversation what no file has: the settings, tools and limits of the options.
Status equip(Chat& chat, Conversation& conversation);
/// The tools with these ids; `config_invalid` if there is none of a name.
Result<ToolKit> tool_kit(const Runtime& runtime, const std::vector<std::string>& ids);

/// The name of the model that answers next; empty if none is chosen yet.
std::string model_name(const Chat& chat);

/// Says on stderr what a command has done; with --json, prints on stdout how the chat is now.
void report(const Chat& chat, std::string_view sentence);

/// Something did not work: a script's exit code is that of the first one.
void fail_turn(Chat& chat, const Error& error);

}  // namespace tachikoma::cli
