// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tachikoma::base {

/// The first bytes of untrusted text, on one line and printable, for a message.
std::string excerpt(std::string_view text, std::size_t limit = 160);

}  // namespace tachikoma::base
