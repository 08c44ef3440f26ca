// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "config/document.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// Puts every key of the map that the schema knows as `x-same-as` another one under that other name, and in
/// that other's group. Two spellings of one setting are a problem that names both places.
void unify_spellings(Node& map, const Value& schema, const std::string& where, Problems& problems);

}  // namespace tachikoma::config
