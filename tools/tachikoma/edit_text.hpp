// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// Opens a text in the user's editor, VISUAL or EDITOR, else vi, on the terminal, and returns what it has
/// become, without the line feeds at its end. Fails with `invalid_argument` if the editor can't be started or
/// says that it has failed.
Result<std::string> edit_text(std::string_view text);

}  // namespace tachikoma::cli
