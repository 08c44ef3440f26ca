// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "styled_text.hpp"

namespace tachikoma::cli {

/// Code with its comments, strings, numbers and keywords in colours, by the family of the language: that of
/// C, of shells and Python, of SQL, or a diff. Code in any other language is as it was. `language` is what a
/// fence names.
StyledText colored_code(std::string_view code, std::string_view language, const Style& plain);

}  // namespace tachikoma::cli
