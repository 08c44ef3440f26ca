// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// A tool call that a server left in the text of an answer.
struct UnparsedToolCall {
  std::string id = {};  ///< empty when the model gave none
  std::string name;
  std::string arguments;  ///< JSON text
};

/// Parses what a model wrote between the marks of a form, one call or several:
///
///     {"name": "add", "arguments": {"x": 1}}       also with `parameters`, in a list, one a line
///     add[ARGS]{"x": 1}                            a name and its arguments
///     <function=add><parameter=x>1</parameter>     markup; the tool's schema decides between 1 and "1"
///     [add(x=1)]                                   Python
///     call:add{x:1}                                Gemma
///
/// `tools` are those that the model may call. Empty if any of it is something else.
std::vector<UnparsedToolCall> read_unparsed_tool_calls(std::string_view text,
                                                       std::span<const ToolSpec> tools);

/// Whether a text without marks is calls of `tools`, all of it.
enum class BareCall : std::uint8_t { no, unknown, yes };

/// Judges the start of an answer; `unknown` only while more of it is needed.
BareCall starts_bare_call(std::string_view text, std::span<const ToolSpec> tools);

/// The text between the fences of a block of code, if it is one; else `text`.
std::string_view without_fence(std::string_view text);

}  // namespace tachikoma::kit
