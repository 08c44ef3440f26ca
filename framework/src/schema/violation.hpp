// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::schema {

/// The types of a value, as a set. An integer is a number too.
using TypeSet = std::uint8_t;

/// What is wrong with one value, without its place: it `must` be something, `but` is something else.
struct Fault {
  std::string_view keyword;  ///< that it does not meet; empty where nothing may be
  std::string must;
  std::string but = {};
  TypeSet types = 0;                    ///< the types that were expected, when the type is what is wrong
  std::vector<std::string> names = {};  ///< the members that are missing
};

/// A fault and where it is.
struct Violation {
  std::string pointer;  ///< JSON pointer into the value
  std::string schema;   ///< JSON pointer to the schema whose keyword it is
  Fault fault;
};

/// "'/days' must be at least 1, but is 0".
std::string sentence(const Violation& violation);

}  // namespace tachikoma::schema
