// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

/// What a text stands for by its `format`.
struct FormatReading {
  Value meaning;  ///< may have the type that is wanted, and is what limits of numbers judge; null: none
  std::string expected = {};  ///< what would have been right: "a duration such as 5m"
};

/// The formats that are known, by name.
using Formats = std::map<std::string, FormatReading (*)(std::string_view text), std::less<>>;

}  // namespace tachikoma::schema
