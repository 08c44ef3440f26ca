// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// What a tree becomes once it fits its schema.
struct Checked {
  Value typed;  ///< durations as milliseconds, sizes as bytes, paths absolute, defaults included
  Value shown;  ///< the same, durations and sizes as they were written
  std::vector<Origin> origins;  ///< one per leaf of `shown`
};

/// Checks a tree against a schema, and gives its scalars their types. Every fault becomes a problem, with
/// the nearest key or value where there is one; the result is usable only when none was added.
///
/// The schema is JSON Schema, cut to what settings need: type, properties, required,
/// additionalProperties, items, enum, minimum, maximum, exclusiveMinimum, minLength, default, description,
/// and format (duration, size, uri, path, secret). Without additionalProperties an object takes no other
/// keys. The host's own schema uses four more: `x-same-as` (another spelling of a key; "group/key" for a
/// key that may stand outside its group), `x-keys` ("token": every key is a whole number from 0),
/// `x-some-above` (one number of a list must be) and `x-not-yet` (known, and not available in this version);
/// and the format gpu-layers.
/// Values of a `headers` object are secret like those of format secret: no message quotes them.
Checked check_schema(const Node& root, const Value& schema, std::string_view base_folder, Problems& problems);

/// What is wrong with a schema that a plugin brought: "uses 'pattern', which …". Empty when nothing is.
std::string schema_fault(const Value& schema);

}  // namespace tachikoma::config
