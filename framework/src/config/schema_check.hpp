// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "config/document.hpp"
#include "config/read_values.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// Checks a tree against a schema, and converts its scalars. Every violation becomes a problem, with
/// the nearest key or value if there is one; the result is usable only if no problem was added.
///
/// The schema is JSON Schema, except that an object without additionalProperties takes no other keys. The
/// host's own has two more keywords: `x-same-as` (another spelling of a key; "group/key" for a key that may
/// be used outside its group) and `x-not-yet` (known, but not available in this version).
/// Values of a `headers` object are secret like those of format secret: no message quotes them.
Checked check_schema(Node root, Value schema, std::string_view base_folder, Problems& problems);

}  // namespace tachikoma::config
