// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace tachikoma::kit {

/// Bytes behind everything received that are readable, whatever they hold: JSON is then parsed in place.
inline constexpr std::size_t kTailRoom = 64;

}  // namespace tachikoma::kit
