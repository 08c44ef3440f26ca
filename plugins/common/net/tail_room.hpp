// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace tachikoma::kit {

/// Bytes behind all received data that are readable, with any content, so that JSON can be parsed in place.
inline constexpr std::size_t kTailRoom = 64;

}  // namespace tachikoma::kit
