// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace lmstudio_sim {

/// True when all of the text is valid UTF-8.
bool is_utf8(std::string_view text);

/// The text with U+FFFD in place of each byte that is not part of a character.
std::string repaired_utf8(std::string_view text);

}  // namespace lmstudio_sim
