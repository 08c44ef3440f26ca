// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"

namespace tachikoma::config {

/// Checks the names in a tree: ids and aliases must be valid in an address, and whatever one part
/// refers to by name must exist.
void check_references(const Node& root, Problems& problems);

}  // namespace tachikoma::config
