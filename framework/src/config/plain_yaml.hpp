// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "config/document.hpp"
#include "config/source_text.hpp"

namespace tachikoma::config {

/// The tree of a file in the YAML of nearly every configuration: mappings, by indentation or in braces on one
/// line, of plain ASCII words, with comments on lines of their own. Nullopt for any other file, right or
/// wrong: the YAML parser reads that. Of a long file it takes a tenth of the parser's time.
std::optional<Node> read_plain_yaml(const SourceText& source);

}  // namespace tachikoma::config
