// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/node.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

/// The types that a value has: an integer is a number too.
TypeSet types_of(const Value& value);

/// "a string" or "null".
std::string kind_name(const Value& value);

/// "an integer or null".
std::string type_names(TypeSet types);

/// The value as JSON, cut where it is long.
std::string shown(const Value& value);

/// "'a', 'b' or 'c'", cut where there are many.
std::string quoted_list(const std::vector<std::string>& names);

/// "1 item", "2 items".
std::string counted(std::size_t count, std::string_view noun);

}  // namespace tachikoma::schema
