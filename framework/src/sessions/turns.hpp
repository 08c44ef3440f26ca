// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::sessions {

/// How many messages at the start are system prompts.
std::size_t count_system_prompts(const std::vector<Message>& messages);

/// Where each turn begins: a turn is a message of the user's with all up to the next one, so that a call and
/// its result are never apart. What precedes the first of these, but for the system prompts, is a turn too.
std::vector<std::size_t> turn_starts(const std::vector<Message>& messages);

/// `history` with what is said next: messages of the user's, or results of the last calls. Calls that nobody
/// has answered by then were not run. Fails with `invalid_argument` for anything else.
Result<std::vector<Message>> with_turn(const std::vector<Message>& history, std::vector<Message> turn);

/// Adds what a reply says. Its calls are left open if the caller may run them. False, and nothing is added,
/// if it was stopped before it said anything.
bool add_reply(std::vector<Message>& history, const Reply& reply);

/// Adds what had arrived before a generation was cancelled, as its error has it. Its calls were not run.
/// False, and nothing is added, if nothing of that can be said.
bool add_partial_reply(std::vector<Message>& history, const Error& error);

/// The messages up to the last one of the user's; `invalid_argument` if there is none.
Result<std::vector<Message>> up_to_last_question(const std::vector<Message>& messages);

}  // namespace tachikoma::sessions
