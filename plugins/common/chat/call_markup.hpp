// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "common/chat/unparsed_tool_call.hpp"

namespace tachikoma::kit {

/// Adds the calls that `text` consists of, written as markup; false if it is anything else.
///
///     <function=add><parameter=x>1</parameter></function>                   Qwen3-Coder, Seed-OSS
///     <function=add>{"x": 1}</function>                                     Llama 3
///     <invoke name="add"><parameter name="x">1</parameter></invoke>         MiniMax, DeepSeek V3.2
///     add<arg_key>x</arg_key><arg_value>1</arg_value>                       GLM
bool add_markup(std::string_view text, std::span<const ToolSpec> tools, std::vector<UnparsedToolCall>& calls);

}  // namespace tachikoma::kit
