// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tachikoma::base {

/// `name` as one step of a JSON pointer, with its slash: `~` is `~0`, `/` is `~1`.
std::string pointer_step(std::string_view name);

}  // namespace tachikoma::base
