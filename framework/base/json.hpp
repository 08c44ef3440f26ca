// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// A JSON text must have fewer levels.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// Reads one JSON text (RFC 8259, UTF-8, fewer than `kMaxJsonDepth` levels). Fails with `protocol`, saying
/// what is wrong; the caller adds where the text came from. A whole number that no `std::int64_t` can hold
/// becomes the text of its digits: a real number would be another one.
Result<Value> parse_json(std::string_view text);

/// Reads one JSON text after another, as `parse_json` does, in memory that it keeps. Not synchronised.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(const JsonParser&) = delete;
  JsonParser& operator=(const JsonParser&) = delete;

  Result<Value> parse(std::string_view text);

 private:
  struct Memory;
  const std::unique_ptr<Memory> memory_;
};

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
