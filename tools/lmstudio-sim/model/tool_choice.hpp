// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/chat_request.hpp"

namespace lmstudio_sim {

/// The calls that a model makes for a question: none when no tool clearly fits, several when it asks several
/// things. With `required` there is always at least one.
std::vector<ToolCall> choose_calls(const std::vector<OfferedTool>& tools, const std::string& question,
                                   bool required);

/// True for a word that says nothing about what a tool is for: "get", "the".
bool is_filler(std::string_view word);

}  // namespace lmstudio_sim
