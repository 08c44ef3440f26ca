// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "common/chat/unparsed_tool_call.hpp"

namespace tachikoma::kit {

/// Adds the calls that `text` consists of, written as in Python or in Gemma's form; false if it is anything
/// else.
///
///     [add(x=1), greet(name='Ann')]         LFM2, Llama 4, Olmo 3, and Gemma 3 with print() around
///     call:greet{name:<|"|>Ann<|"|>}        Gemma 4, and FunctionGemma with <escape>
bool add_literals(std::string_view text, std::span<const ToolSpec> tools,
                  std::vector<UnparsedToolCall>& calls);

}  // namespace tachikoma::kit
