// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "model/chat_request.hpp"

namespace lmstudio_sim {

/// The results at the end of a conversation in a sentence each: "The weather in Tokyo is Sunny, 22°C."
/// Empty when the conversation does not end with results.
std::string report_results(const std::vector<ChatMessage>& messages);

}  // namespace lmstudio_sim
