// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tachikoma {

struct Member;

/// A JSON value. Configuration, tool arguments and error details cross the plugin boundary in this form.
///
/// A plain value type: a copy is deep, and a moved-from value is null. Objects keep the order in which their
/// members were added. Integers and real numbers are distinct kinds, so `1` is never printed as `1.0`. Not
/// synchronised: share only const values between threads.
class Value {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, array, object };
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {}
  Value(bool value) noexcept : kind_(Kind::boolean) { data_.boolean = value; }
  Value(int value) noexcept : Value(static_cast<std::int64_t>(value)) {}
  Value(unsigned value) noexcept : Value(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) noexcept : kind_(Kind::integer) { data_.integer = value; }
  Value(double value) noexcept : kind_(Kind::real) { data_.real = value; }
  Value(const char* value) : Value(std::string(value)) {}
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(std::string value) : kind_(Kind::string) { data_.string = new std::string(std::move(value)); }
  Value(Array value);
  Value(Object value);
  Value(const Value& other);
  Value(Value&& other) noexcept
      : kind_(std::exchange(other.kind_, Kind::null)), data_(std::exchange(other.data_, {})) {}
  Value& operator=(Value other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Value();

  /// An object with these members, in this order: `Value::object({{"port", 1234}})`.
  static Value object(std::initializer_list<Member> members = {});
  /// An array of these elements.
  static Value array(std::initializer_list<Value> elements = {}) { return Array(elements); }

  Kind kind() const noexcept { return kind_; }
  bool is_null() const noexcept { return kind_ == Kind::null; }
  bool is_bool() const noexcept { return kind_ == Kind::boolean; }
  bool is_integer() const noexcept { return kind_ == Kind::integer; }
  /// True for integers and for real numbers.
  bool is_number() const noexcept { return kind_ == Kind::integer || kind_ == Kind::real; }
  bool is_string() const noexcept { return kind_ == Kind::string; }
  bool is_array() const noexcept { return kind_ == Kind::array; }
  bool is_object() const noexcept { return kind_ == Kind::object; }

  /// The content if the value is of that kind, else the fallback. `as_real` accepts integers too.
  bool as_bool(bool fallback = false) const noexcept { return is_bool() ? data_.boolean : fallback; }
  std::int64_t as_integer(std::int64_t fallback = 0) const noexcept {
    return is_integer() ? data_.integer : fallback;
  }
  double as_real(double fallback = 0) const noexcept {
    return is_integer() ? static_cast<double>(data_.integer) : kind_ == Kind::real ? data_.real : fallback;
  }
  /// The view is valid until this value is changed or destroyed.
  std::string_view as_string(std::string_view fallback = {}) const noexcept {
    return is_string() ? std::string_view(*data_.string) : fallback;
  }
  /// The elements of an array; empty for any other kind.
  const Array& elements() const noexcept;
  /// The members of an object, in order; empty for any other kind.
  const Object& members() const noexcept;

  /// The member with that name, or null if there is none or this is not an object. Valid until this value is
  /// changed or destroyed.
  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept { return const_cast<Value*>(std::as_const(*this).find(key)); }
  /// As `find`, with a null value for a missing member: `v["a"]["b"].as_string()`.
  const Value& operator[](std::string_view key) const noexcept;
  /// Sets a member, replacing one with the same name. A value that is not an object becomes an empty one
  /// first.
  Value& set(std::string_view key, Value value);
  /// As `set`, for a name that the object does not have yet: nothing is searched.
  Value& add(std::string_view key, Value value);
  /// Removes the member with that name; false if there was none.
  bool erase(std::string_view key);
  /// Appends an element. A value that is not an array becomes an empty one first.
  Value& push_back(Value value);

  friend bool operator==(const Value& a, const Value& b) noexcept;

 private:
  union Data {
    bool boolean;
    std::int64_t integer;
    double real;
    std::string* string;
    Array* array;
    Object* object;
  };
  Kind kind_ = Kind::null;
  Data data_{};
};

/// One member of an object.
struct Member {
  std::string key = {};
  Value value = {};
  friend bool operator==(const Member&, const Member&) = default;
};

inline Value::Value(Array value) : kind_(Kind::array) { data_.array = new Array(std::move(value)); }
inline Value::Value(Object value) : kind_(Kind::object) { data_.object = new Object(std::move(value)); }
inline Value::Value(const Value& other) : kind_(other.kind_), data_(other.data_) {
  switch (kind_) {
    case Kind::string: data_.string = new std::string(*other.data_.string); break;
    case Kind::array: data_.array = new Array(*other.data_.array); break;
    case Kind::object: data_.object = new Object(*other.data_.object); break;
    default: break;
  }
}
inline Value::~Value() {
  switch (kind_) {
    case Kind::string: delete data_.string; break;
    case Kind::array: delete data_.array; break;
    case Kind::object: delete data_.object; break;
    default: break;
  }
}
inline Value Value::object(std::initializer_list<Member> members) { return Object(members); }
inline const Value::Array& Value::elements() const noexcept {
  static const Array none;
  return is_array() ? *data_.array : none;
}
inline const Value::Object& Value::members() const noexcept {
  static const Object none;
  return is_object() ? *data_.object : none;
}
inline const Value* Value::find(std::string_view key) const noexcept {
  for (const Member& member : members())
    if (member.key == key) return &member.value;
  return nullptr;
}
inline const Value& Value::operator[](std::string_view key) const noexcept {
  static const Value none;
  const Value* found = find(key);
  return found ? *found : none;
}
inline Value& Value::set(std::string_view key, Value value) {
  if (Value* found = find(key)) return *found = std::move(value);
  return add(key, std::move(value));
}
inline Value& Value::add(std::string_view key, Value value) {
  if (!is_object()) *this = Object();
  return data_.object->emplace_back(Member{std::string(key), std::move(value)}).value;
}
inline bool Value::erase(std::string_view key) {
  if (!is_object()) return false;
  return std::erase_if(*data_.object, [&](const Member& m) { return m.key == key; }) > 0;
}
inline Value& Value::push_back(Value value) {
  if (!is_array()) *this = Array();
  return data_.array->emplace_back(std::move(value));
}
inline bool operator==(const Value& a, const Value& b) noexcept {
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Value::Kind::null: return true;
    case Value::Kind::boolean: return a.data_.boolean == b.data_.boolean;
    case Value::Kind::integer: return a.data_.integer == b.data_.integer;
    case Value::Kind::real: return a.data_.real == b.data_.real;
    case Value::Kind::string: return *a.data_.string == *b.data_.string;
    case Value::Kind::array: return *a.data_.array == *b.data_.array;
    case Value::Kind::object: return *a.data_.object == *b.data_.object;
  }
  return false;
}

}  // namespace tachikoma
