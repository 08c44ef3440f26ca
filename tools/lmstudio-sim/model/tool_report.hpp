// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "model/chat_request.hpp"

namespace lmstudio_sim {

/// The tool results at the end of a conversation, one sentence each: "The weather in Tokyo is Sunny, 22°C."
/// Empty when there are none.
std::string report_results(const std::vector<ChatMessage>& messages);

}  // namespace lmstudio_sim
