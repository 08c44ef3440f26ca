// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// A tree that was checked against its schema.
struct Checked {
  Value typed;  ///< durations as milliseconds, sizes as bytes, paths absolute, defaults included
  Value shown;  ///< the same, durations and sizes as they were written
  std::vector<Origin> origins;  ///< one per leaf of `shown`
};

/// Reads each scalar as the type expected at its place: `yes` may be a bool or a text, and so on. Brings the
/// tree into normal form: one spelling of each key, defaults filled in. Values that are ambiguous, set
/// twice or not available yet are problems; whether the rest fits the schema is checked elsewhere.
Checked read_values(Node& root, const Value& schema, std::string_view base_folder, Problems& problems);

}  // namespace tachikoma::config
