// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "config/document.hpp"

namespace tachikoma::config {

inline constexpr std::size_t kLargestFile = 1 << 20;  ///< bytes
inline constexpr int kDeepestNode = 64;
inline constexpr std::size_t kMaxNodes = 50'000;  ///< aliases count as often as they are used

/// Parses the one YAML or JSON document in `text`. YAML features that a configuration must not use are
/// problems: a duplicate key, a second document, a tag, a merge key, a recursive alias. Nullopt
/// if the file could not be read to its end after a problem.
std::optional<Node> parse_document(std::string_view text, Problems& problems);

/// The same for text that passed `check_bytes`, without the short cut for plain files.
std::optional<Node> parse_with_yaml_parser(std::string_view text, Problems& problems);

}  // namespace tachikoma::config
