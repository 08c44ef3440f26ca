// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "chat_state.hpp"

namespace tachikoma::cli {

/// A faint line below an answer: how full the context is, how many requests wait, how fast it was, and that
/// the model has reasoned. What nobody knows is left out.
void show_status(Chat& chat);

/// "mistral-7b> ", of a width that leaves room to type.
std::string prompt_of(const Chat& chat);

}  // namespace tachikoma::cli
