// SPDX-License-Identifier: MIT
#pragma once

#include "config/document.hpp"
#include "config/plugin_schemas.hpp"

namespace tachikoma::config {

/// Reports each inference setting that its provider would refuse in every request. The schema of a provider
/// names them under `x-unsupported`, each with the next step. A value that means "off" is none.
void check_unsupported(const Node& root, SchemaSource& source, Problems& problems);

}  // namespace tachikoma::config
