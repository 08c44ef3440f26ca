// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

/// Appends a canonical text, the same for two values if and only if JSON Schema calls them equal: the order
/// of members does not count, and 1.0 is 1.
void append_canonical(std::string& out, const Value& value);

inline std::string canonical(const Value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

/// True for an integer, and for a real number without a fraction.
bool is_integral(const Value& value);

/// True if arrays and objects are nested more than `levels` deep.
bool deeper_than(const Value& value, int levels);

}  // namespace tachikoma::schema
