// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/chat_request.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// Writes an answer to a conversation: short, in English, about what was asked, and open about who
/// writes. The same conversation and model give the same answer; models answer differently.
std::string write_text(const ModelSpec& model, const std::vector<ChatMessage>& messages);

/// The answer to one question, without who writes.
std::string answer_text(std::string_view question);

/// How a model opens, so that two models are told apart at a glance.
std::string opening(const ModelSpec& model);

/// The first line of a text, at most 60 bytes of it.
std::string quote(std::string_view text);

}  // namespace lmstudio_sim
