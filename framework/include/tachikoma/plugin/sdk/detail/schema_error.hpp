// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::detail {

/// The location of a value inside the one being read; a linked list on the stack.
class Place {
 public:
  Place() = default;
  Place(const Place& above, std::string_view key) : above_(&above), key_(key) {}
  Place(const Place& above, std::size_t index) : above_(&above), index_(index), is_element_(true) {}

  /// As a JSON pointer; empty for the whole value.
  std::string pointer() const { return above_ ? above_->pointer() + "/" + token() : std::string(); }

 private:
  std::string token() const {
    if (is_element_) return std::to_string(index_);
    std::string token;
    for (const char c : key_) {
      if (c == '~')
        token += "~0";
      else if (c == '/')
        token += "~1";
      else
        token += c;
    }
    return token;
  }

  const Place* above_ = nullptr;
  std::string_view key_ = {};
  std::size_t index_ = 0;
  bool is_element_ = false;
};

/// At most `limit` bytes of a text, cut between characters.
inline std::string excerpt(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return std::string(text.substr(0, limit)) + "…";
}

/// A short description of a value, for a message.
inline std::string describe(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return "null";
    case Value::Kind::boolean: return value.as_bool() ? "true" : "false";
    case Value::Kind::integer: return std::to_string(value.as_integer());
    case Value::Kind::real: {
      char digits[32];
      return std::string(digits, std::to_chars(digits, digits + sizeof digits, value.as_real()).ptr);
    }
    case Value::Kind::string: return "\"" + excerpt(value.as_string(), 60) + "\"";
    case Value::Kind::array: return "an array";
    case Value::Kind::object: return "an object";
  }
  return {};
}

/// `what` continues the name of the place: "is missing".
inline Error schema_error(const Place& place, const std::string& what, std::string hint = {}) {
  std::string pointer = place.pointer();
  const std::string name = pointer.empty() ? "the value" : "'" + excerpt(pointer, 120) + "'";
  return Error(ErrorCode::schema_violation, name + " " + what, std::move(hint),
               Value::object({{"pointer", std::move(pointer)}}));
}

inline Error mismatch(const Value& value, const Place& place, const std::string& expected) {
  return schema_error(place, "is " + describe(value) + ", expected " + expected);
}

inline Error missing(const Place& place) { return schema_error(place, "is missing", "add it"); }

/// "'city', 'days'", cut to a length that fits in a message.
inline std::string quoted_list(const std::vector<std::string_view>& names, char quote = '\'') {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += quote + std::string(name) + quote;
  }
  return excerpt(list, 600);
}

}  // namespace tachikoma::detail
