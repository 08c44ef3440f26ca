// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "model/chat_request.hpp"

namespace lmstudio_sim {

/// A conversation as the model sees it: tools and messages with marks, ready for the answer.
std::string apply_template(const ChatRequest& chat);

}  // namespace lmstudio_sim
