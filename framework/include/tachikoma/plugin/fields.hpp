// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// The JSON Schema of a C++ type: bool, integers, floating-point numbers, strings, enums and structs that
/// `TACHIKOMA_FIELDS` describes, `std::optional`, `std::vector` and `std::map<std::string, …>` of them,
/// `Value` for anything.
template <class T>
Value json_schema();

/// `value` as a `T`; `schema_violation` with `detail.pointer` when it does not fit.
template <class T>
Result<T> from_value(const Value& value);

}  // namespace tachikoma
