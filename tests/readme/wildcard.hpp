// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma::testing {

/// True when `text` is `pattern`, in which every "…" stands for any text, line ends included.
bool matches(std::string_view text, std::string_view pattern);

}  // namespace tachikoma::testing
