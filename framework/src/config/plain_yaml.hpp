// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "config/document.hpp"

namespace tachikoma::config {

/// The tree of a file in the YAML of nearly every configuration: mappings by indentation; words of ASCII,
/// quotes without escapes, braces and brackets on one line; comments. Nullopt for any other file, right or
/// wrong: the YAML parser reads that. The text is UTF-8 without a byte order mark. Of a long file it takes a
/// twentieth of the parser's time.
std::optional<Node> read_plain_yaml(std::string_view text);

}  // namespace tachikoma::config
