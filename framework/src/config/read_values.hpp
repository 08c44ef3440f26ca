// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// A tree that was checked against its schema, an object. It has two forms. In both, paths are absolute, and
/// defaults are included; durations and sizes are as they were written in `shown`, and milliseconds and bytes
/// in the typed form.
struct Checked {
  Value shown;
  Value typed_members;          ///< those members of the typed form that differ from those shown
  std::vector<Origin> origins;  ///< one per leaf of `shown`

  const Value& typed(std::string_view member) const;
  /// All members of the typed form, leaving nothing.
  Value take_typed();
};

/// Reads each scalar as the type expected at its place: `yes` may be a bool or a text, and so on. Brings the
/// tree into normal form: one spelling of each key, defaults filled in. Values that are ambiguous, set
/// twice or not available yet are problems; whether the rest fits the schema is checked elsewhere.
Checked read_values(Node& root, const Value& schema, std::string_view base_folder, Problems& problems);

}  // namespace tachikoma::config
