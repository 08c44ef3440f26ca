// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"

namespace tachikoma::config {

/// Replaces `${NAME}` and `${NAME:-default}` in every scalar of the tree by the environment's values;
/// `$${` stands for `${`. A variable that is not set and has no default is a problem.
void expand_variables(Node& root, Problems& problems);

}  // namespace tachikoma::config
