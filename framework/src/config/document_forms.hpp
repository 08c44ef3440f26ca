// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "config/document.hpp"

namespace tachikoma::config {

/// Turns LM Studio's own two forms, its server settings and its flat model settings, into ours: one
/// `lmstudio` provider and its models, or `defaults`. Any other tree stays as it is. A setting that
/// has no effect from here is a warning. Adds problems and returns false if the tree is such a form and does
/// not fit it.
bool convert_document_form(Node& root, Problems& problems, std::vector<std::string>& warnings);

}  // namespace tachikoma::config
