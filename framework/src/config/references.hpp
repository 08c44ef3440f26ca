// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"

namespace tachikoma::config {

/// Checks the names in a tree: that ids and aliases can be written in an address, and that what one part
/// calls by name is there.
void check_references(const Node& root, Problems& problems);

}  // namespace tachikoma::config
