// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tachikoma::tools {

/// Where a text stops being JSON, and what was expected there: "line 1, byte 18:
/// expected
/// ',' or '}', found the end". Empty when its grammar is fine.
std::string json_fault(std::string_view text);

}  // namespace tachikoma::tools
