// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "chat_state.hpp"

/// What each slash command does, with what follows its name. They print what they find on stdout, or as JSON
/// with
/// --json; a failure goes to stderr, and the chat goes on as it was.

namespace tachikoma::cli {

// models and servers
void use_model(Chat& chat, std::string_view name);
void list_models(Chat& chat, std::string_view);
void list_memory(Chat& chat, std::string_view);
void use_tools(Chat& chat, std::string_view ids);
void reload(Chat& chat, std::string_view option);

// how to answer
void use_system(Chat& chat, std::string_view text);
void change_setting(Chat& chat, std::string_view name_and_value);
void show_reasoning(Chat& chat, std::string_view how);
void show_stats(Chat& chat, std::string_view);

// what is said
void attach_file(Chat& chat, std::string_view path);
void edit_message(Chat& chat, std::string_view text);
void retry(Chat& chat, std::string_view);
void reset(Chat& chat, std::string_view);
void fork(Chat& chat, std::string_view);
void save(Chat& chat, std::string_view file);
void resume(Chat& chat, std::string_view id);

}  // namespace tachikoma::cli
