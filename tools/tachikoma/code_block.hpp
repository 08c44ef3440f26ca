// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::cli {

/// The content of the first fenced code block of a Markdown text, as CommonMark has them: between lines of
/// three or more ` or ~. One that is never closed ends with the text. Nullopt if there is none.
std::optional<std::string> first_code_block(std::string_view text);

}  // namespace tachikoma::cli
