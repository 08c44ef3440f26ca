// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lmstudio_sim {

/// A JSON value. Objects keep the order in which their members were added; integers and real numbers are
/// different types.
class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Member = std::pair<std::string, JsonValue>;
  using Object = std::vector<Member>;

  JsonValue() = default;  ///< null
  JsonValue(std::nullptr_t) {}
  JsonValue(bool value) : data_(value) {}
  JsonValue(int value) : data_(std::int64_t{value}) {}
  JsonValue(std::int64_t value) : data_(value) {}
  JsonValue(double value) : data_(value) {}
  JsonValue(const char* value) : data_(std::string(value)) {}
  JsonValue(std::string_view value) : data_(std::string(value)) {}
  JsonValue(std::string value) : data_(std::move(value)) {}
  JsonValue(Array elements) : data_(std::move(elements)) {}
  JsonValue(Object members) : data_(std::move(members)) {}

  static JsonValue array(std::initializer_list<JsonValue> elements = {}) { return Array(elements); }
  /// With these members, in this order: `JsonValue::object({{"port", 1234}})`.
  static JsonValue object(std::initializer_list<Member> members = {}) { return Object(members); }

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  /// True for integers and for real numbers.
  bool is_number() const { return is_integer() || std::holds_alternative<double>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }
  /// True when both are of the same type.
  bool is_like(const JsonValue& other) const { return data_.index() == other.data_.index(); }

  // The content when the type is right, else the fallback.
  bool as_bool(bool fallback = false) const;
  std::int64_t as_integer(std::int64_t fallback = 0) const;
  /// Takes integers too.
  double as_real(double fallback = 0) const;
  /// Valid until this value is changed or destroyed.
  std::string_view as_string(std::string_view fallback = {}) const;
  /// The elements of an array, else none.
  const Array& elements() const;
  /// The members of an object, else none.
  const Object& members() const;

  /// The member of that name, or null when there is none.
  const JsonValue* find(std::string_view key) const;
  JsonValue* find(std::string_view key);
  /// The same, with a null value in place of what is missing.
  const JsonValue& operator[](std::string_view key) const;
  /// Sets a member, replacing one of that name. Anything but an object becomes an empty one first.
  JsonValue& set(std::string_view key, JsonValue value);
  /// Removes a member; false when there was none of that name.
  bool erase(std::string_view key);
  /// Appends a member without checking for one of the same name. Anything but an object becomes an empty one
  /// first.
  JsonValue& append(std::string key, JsonValue value);
  /// Appends an element. Anything but an array becomes an empty one first.
  JsonValue& push_back(JsonValue value);

  friend bool operator==(const JsonValue& a, const JsonValue& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

/// Parses one JSON text of any type, at most 64 levels deep. On failure returns nothing and stores the reason
/// in `problem`. An integer beyond `std::int64_t` becomes a real number; one of more than 64 bits is an
/// error.
std::optional<JsonValue> parse_json(std::string_view text, std::string* problem = nullptr);

/// A value as JSON: in one line, or with `indent` spaces a level.
std::string to_json(const JsonValue& value, int indent = 0);

/// A text as a quoted JSON string. Invalid UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

}  // namespace lmstudio_sim
