// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "model/chat_request.hpp"

namespace lmstudio_sim {

/// A conversation as its model sees it: tools and messages between marks, open for the answer.
std::string apply_template(const ChatRequest& chat);

}  // namespace lmstudio_sim
