// SPDX-License-Identifier: MIT
#pragma once

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

/// Reads each scalar as what is wanted at its place: `yes` is a bool there or a text, and so on. Brings the
/// tree into the shape of the values: one spelling of each key, and the defaults. What is ambiguous, set
/// twice or not available yet is a problem; whether the rest fits is another question.
Checked read_values(Node& root, const Value& schema, std::string_view base_folder, Problems& problems);

}  // namespace tachikoma::config
