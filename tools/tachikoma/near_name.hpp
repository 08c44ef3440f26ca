// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::cli {

/// The one of `names` that `typed` is probably a typo of (at most a third of its letters differ);
/// empty when there is none.
std::string near_name(std::string_view typed, const std::vector<std::string>& names);

}  // namespace tachikoma::cli
