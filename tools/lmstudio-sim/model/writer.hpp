// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/chat_request.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// Writes a short answer to a conversation that says it comes from the simulator. The same conversation and
/// model give the same answer; different models answer differently.
std::string write_text(const ModelSpec& model, const std::vector<ChatMessage>& messages);

/// The answer to one question, without the opening.
std::string answer_text(std::string_view question);

/// A model's opening sentence, so that models can be told apart at a glance.
std::string opening(const ModelSpec& model);

/// The first line of a text, up to 60 bytes.
std::string quote(std::string_view text);

}  // namespace lmstudio_sim
