// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// Renames every key of the map that is an `x-same-as` spelling to the other name, and moves it to
/// that key's group. Two spellings of one setting are a problem that names both places.
void unify_spellings(Node& map, const Value& schema, const Trail* trail, Problems& problems);

}  // namespace tachikoma::config
