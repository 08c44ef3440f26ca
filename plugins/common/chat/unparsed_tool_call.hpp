// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::kit {

/// A tool call that a server left in the text of an answer.
struct UnparsedToolCall {
  std::string id;  ///< empty when the model gave none
  std::string name;
  std::string arguments;  ///< JSON text
};

/// Parses what a model wrote between the marks of a call: `{"name":…,"arguments":{…}}`, several of them
/// in an array or one after another. `parameters` is accepted for `arguments`, and arguments may be a string.
/// Empty if any of it is something else.
std::vector<UnparsedToolCall> read_unparsed_tool_calls(std::string_view text);

}  // namespace tachikoma::kit
