// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// Reads one JSON text (RFC 8259, UTF-8, at most 64 levels deep). Fails with `protocol`, saying what
/// is wrong; the caller adds where the text came from. Integers that don't fit 64 bits become real.
Result<Value> parse_json(std::string_view text);

/// Appends `text` as a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD; what may not be shown as it
/// is
/// (`control_length`) is escaped, so that all JSON may be shown.
void append_json_string(std::string& out, std::string_view text);

/// Appends a number as JSON writes it; what JSON can't write (NaN, infinity) becomes null.
void append_json_number(std::string& out, double number);

/// Appends a value in one line.
void append_json(std::string& out, const Value& value);

/// A value as JSON: in one line, or with `indent` spaces a level.
std::string to_json(const Value& value, int indent = 0);

}  // namespace tachikoma::base
