// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tachikoma::base {

/// The first bytes of untrusted text, on one line and printable, for a message.
std::string excerpt(std::string_view text, std::size_t limit = 160);

/// The same with each blank as it is, and `control` for each control character: those could move a
/// terminal's cursor.
std::string printable(std::string_view text, std::size_t limit = 2000, char control = ' ');

}  // namespace tachikoma::base
