// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/compiler.hpp"

namespace tachikoma::schema {

/// Compiles a keyword into a node. `spot` is the keyword's value, `owner` the schema around it.
using KeywordReader = void (*)(Compiler&, Node&, const Compiler::Spot& spot, const Compiler::Spot& owner);

/// Null for a keyword that the draft does not have.
KeywordReader find_reader(std::string_view keyword, Draft draft);

std::vector<std::string> keyword_names(Draft draft);

}  // namespace tachikoma::schema
