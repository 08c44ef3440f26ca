// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "chat_state.hpp"

namespace tachikoma::cli {

/// Sends a message, with what /file has added, and prints the answer as it comes. ^C stops the answer; what
/// was shown stays in the conversation.
void send_message(Chat& chat, std::string text);

/// Has the last message answered once more, in the same way.
void answer_again(Chat& chat);

}  // namespace tachikoma::cli
