// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"

namespace tachikoma::config {

/// Checks what one part of a tree says of another: ids and aliases must be valid in an address, whatever is
/// referred to by name must exist, and no setting may be without effect beside another.
void check_references(const Node& root, Problems& problems);

}  // namespace tachikoma::config
