// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "chat_request.hpp"
#include "generation.hpp"
#include "script.hpp"

namespace lmstudio_sim {

/// Writes an answer to a conversation: short, in English, about what was asked, and open about who
/// writes. The same conversation and model give the same answer; models answer differently.
Answer write_answer(const ModelSpec& model, const std::vector<ChatMessage>& messages);

}  // namespace lmstudio_sim
