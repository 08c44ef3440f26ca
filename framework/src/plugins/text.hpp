// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma::plugins {

/// Text from a plugin, made safe for a message or a log line: valid UTF-8, no control characters (they
/// could move a terminal's cursor), at most `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 2000);

/// An error from a plugin, with its message and hint made printable.
Error printable(Error error);

/// Why a plugin is refused. The message continues after the plugin's name: "refused: …".
Error refusal(std::string reason, std::string hint);

/// "'a', 'b', 'c'".
std::string quoted_list(const std::vector<std::string>& items);

/// "1st", "2nd", "3rd", "4th" …
std::string ordinal(unsigned number);

/// Demangles a type or symbol; returns it unchanged if it is not mangled.
/// The name of a C function may be a mangled type too ("f" is float): ask only for symbols that begin
/// with "_Z".
std::string demangled(std::string_view name);

}  // namespace tachikoma::plugins
