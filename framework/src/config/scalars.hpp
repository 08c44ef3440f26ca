// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::config {

/// true/false, yes/no and on/off, in lower case, capitalised or in capitals.
std::optional<bool> parse_bool(std::string_view text);

/// True for the bools of YAML 1.2: true and false, also capitalised or in capitals.
bool is_core_bool(std::string_view text);

/// A plain scalar, read as a number.
struct NumberText {
  enum class Kind { none, integer, real, leading_zero, too_large };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;  ///< integers too
};

/// Decimal numbers as JSON writes them, and with a plus sign. `1e3` is a whole number; `010` is
/// `leading_zero`: YAML 1.1 reads eight, YAML 1.2 ten.
NumberText parse_number(std::string_view text);

/// A share written as `50%`, from `0%` to `100%`.
std::optional<double> parse_share(std::string_view text);

/// The result of reading a duration or a size.
struct Quantity {
  std::optional<std::int64_t> value;
  std::string expected;  ///< what was expected, if there is no value
};

/// `500ms`, `2s`, `1h30m`, in milliseconds; `0` is allowed without a unit.
Quantity parse_duration(std::string_view text);
/// `1024`, `512MiB`, `16GB`, in bytes.
Quantity parse_size(std::string_view text);

/// True for values that ask for nothing: `false`, `0`, `0s`.
bool is_off(std::string_view text);

}  // namespace tachikoma::config
