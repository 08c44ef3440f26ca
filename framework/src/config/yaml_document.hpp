// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "config/document.hpp"

namespace tachikoma::config {

inline constexpr std::size_t kLargestFile = 1 << 20;  ///< bytes
inline constexpr int kDeepestNode = 64;
inline constexpr std::size_t kMaxNodes = 50'000;  ///< aliases count as often as they are used

/// Reads the one YAML or JSON document in `text`. What YAML allows and a configuration must not do is a
/// problem: a key twice, a second document, a tag, a merge key, an alias of what surrounds it. Nothing
/// when the rest of the file could not be read after a problem.
std::optional<Node> parse_document(std::string_view text, Problems& problems);

}  // namespace tachikoma::config
