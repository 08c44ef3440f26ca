// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What others wrote, made fit to be shown: a terminal acts on control characters, a line of a log ends at
/// them, and some of Unicode's make text look like another.

namespace tachikoma::base {

/// How many bytes the first character of `text`, which is UTF-8, has if it must not reach a terminal or a log
/// as it is; 0 if it may. Those are the control characters (C0, DEL, C1), the line and paragraph separators,
/// and the characters that override, embed or isolate a direction of writing. Marks of direction (U+200E,
/// U+200F, U+061C) may: they are letters without a shape, which right-to-left text needs.
std::size_t control_length(std::string_view text);

/// The first bytes of untrusted text, on one line and printable, for a message.
std::string excerpt(std::string_view text, std::size_t limit = 160);

/// The same with each blank as it is, and `control` for each character that may not be shown: those could
/// move a terminal's cursor.
std::string printable(std::string_view text, std::size_t limit = 2000, char control = ' ');

/// Text of several lines for a terminal: each character that may not be shown is made visible, but line feeds
/// and tabs stay.
std::string visible(std::string_view text);

}  // namespace tachikoma::base
