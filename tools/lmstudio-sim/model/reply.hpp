// SPDX-License-Identifier: MIT
#pragma once

#include "model/chat_request.hpp"
#include "model/generated_answer.hpp"
#include "model/thinking.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// Answers a request: with the scripted reply if there is one, otherwise with calls of fitting tools, JSON
/// for a schema, or text. The same request gets the same answer.
Reply reply_to(const ChatRequest& request, const ModelSpec& model, const Effort& effort,
               const ScriptedReply* scripted);

/// A call as the model writes it: in the form that the quirks choose, otherwise with <tool_call>.
std::string call_text(const ToolCall& call, const ToolQuirks& quirks);

}  // namespace lmstudio_sim
