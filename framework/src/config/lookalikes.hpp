// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace tachikoma::config {

/// The name of the character at the start of `text` if it looks like a blank to a person and is none to YAML;
/// empty if it is not one of those.
std::string_view name_of_lookalike(std::string_view text);

/// How many bytes it has.
std::size_t lookalike_length(std::string_view text);

/// The offset of one that stands where a blank was meant, in a value or key without quotes: at either end, or
/// behind a colon. The size of `text` if there is none.
std::size_t find_misplaced_lookalike(std::string_view text);

}  // namespace tachikoma::config
