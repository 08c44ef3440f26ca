// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// A number with its source, as docs/json.md has it; an unknown one always with a reason.
inline Value sourced_value(Value value, std::string_view unit, Source source, std::string_view basis) {
  const bool known = source != Source::unknown;
  return Value::object({{"value", known ? std::move(value) : Value()},
                        {"unit", unit},
                        {"source", to_string(source)},
                        {"basis", known || !basis.empty() ? basis : "the server does not report it"}});
}

template <class T>
Value sourced_value(const Sourced<T>& number, std::string_view unit) {
  return sourced_value(Value(number.value), unit, number.source, number.basis);
}

/// Times are in seconds.
template <class Rep, class Period>
Value sourced_value(const Sourced<std::chrono::duration<Rep, Period>>& time) {
  return sourced_value(Value(std::chrono::duration<double>(time.value).count()), "s", time.source,
                       time.basis);
}

}  // namespace tachikoma
