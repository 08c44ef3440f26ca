// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/excerpt.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::plugins {

/// Makes text from a plugin safe for a message or a log line.
using base::printable;

/// An error from a plugin, with its message and hint made printable.
Error printable(Error error);

/// Why a plugin is refused. The message continues after the plugin's name: "refused: …".
Error refusal(std::string reason, std::string hint);

/// "1st", "2nd", "3rd", "4th" …
std::string ordinal(unsigned number);

/// Demangles a type or symbol; returns it unchanged if it is not mangled.
/// The name of a C function may be a mangled type too ("f" is float): ask only for symbols that begin
/// with "_Z".
std::string demangled(std::string_view name);

}  // namespace tachikoma::plugins
