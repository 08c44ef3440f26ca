// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// Refuses an option or a variable of llama-server that Tachikoma sets itself, or that would move the server
/// out of its reach; `where` names what has it: "args".
Status check_argument(std::string_view where, std::string_view word);
Status check_variable(std::string_view where, std::string_view name);

/// All variables of that kind: a server does not get those of this program.
std::vector<std::string> reserved_variables();

}  // namespace tachikoma::llamacpp
