// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tachikoma::llamacpp {

/// Every option of a program, and the form of its value: "--flash-attn" and "[on|off|auto]". Empty: no value.
using HelpOptions = std::map<std::string, std::string, std::less<>>;

/// The options that the text of --help describes, in any layout that a build or a fork of llama-server has
/// had. Where the words of a value stand in the description only, as in "FA    … ('on', 'off', or 'auto')",
/// the form is made of them.
HelpOptions read_options(std::string_view help);

/// True if the help is that of a program of several commands, one of which is `serve`.
bool has_serve_command(std::string_view help);

/// The text without the sequences that colour it on a terminal.
std::string without_colours(std::string_view text);

}  // namespace tachikoma::llamacpp
