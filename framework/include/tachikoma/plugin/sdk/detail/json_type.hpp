// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/sdk/detail/definitions.hpp"
#include "tachikoma/plugin/sdk/detail/field_list.hpp"
#include "tachikoma/plugin/sdk/detail/schema_error.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::detail {

/// The JSON form of a type: its `schema`, and how to `read` and `write` it. Specialised below for each type
/// that has one.
template <class T>
struct JsonType;

template <class T>
concept HasJsonType = requires {
  sizeof(JsonType<T>);
};

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !Character<T>;

template <class T>
struct WithoutOptional {
  using Type = T;
};
template <class T>
struct WithoutOptional<std::optional<T>> {
  using Type = T;
};
template <class T>
inline constexpr bool kIsOptional = !std::same_as<T, typename WithoutOptional<T>::Type>;

/// Anything.
template <>
struct JsonType<Value> {
  static Value schema(Definitions&) { return Value::object(); }
  static Status read(const Value& value, Value& out, const Place&) {
    out = value;
    return Done{};
  }
  static Value write(const Value& value) { return value; }
};

template <>
struct JsonType<bool> {
  static Value schema(Definitions&) { return Value::object({{"type", "boolean"}}); }
  static Status read(const Value& value, bool& out, const Place& place) {
    if (!value.is_bool()) return mismatch(value, place, "true or false");
    out = value.as_bool();
    return Done{};
  }
  static Value write(bool value) { return value; }
};

template <Integer T>
struct JsonType<T> {
  static constexpr T kMin = std::numeric_limits<T>::min(), kMax = std::numeric_limits<T>::max();
  static constexpr bool kHasMin = std::cmp_greater(kMin, std::numeric_limits<std::int64_t>::min());
  static constexpr bool kHasMax = std::cmp_less(kMax, std::numeric_limits<std::int64_t>::max());

  static Value schema(Definitions&) {
    Value schema = Value::object({{"type", "integer"}});
    if (kHasMin) schema.set("minimum", static_cast<std::int64_t>(kMin));
    if (kHasMax) schema.set("maximum", static_cast<std::int64_t>(kMax));
    return schema;
  }

  static Status read(const Value& value, T& out, const Place& place) {
    const std::optional<std::int64_t> whole = whole_number(value);
    if (!whole || !std::in_range<T>(*whole)) return mismatch(value, place, expected());
    out = static_cast<T>(*whole);
    return Done{};
  }

  static Value write(T value) {
    // a value beyond std::int64_t becomes a real number, as when JSON text is parsed
    return std::in_range<std::int64_t>(value) ? Value(static_cast<std::int64_t>(value))
                                              : Value(static_cast<double>(value));
  }

 private:
  // models write 3.0 for 3; beyond 2^53 a double no longer identifies one integer
  static std::optional<std::int64_t> whole_number(const Value& value) {
    constexpr double kExact = 9007199254740992;
    if (value.is_integer()) return value.as_integer();
    const double real = value.as_real(std::numeric_limits<double>::quiet_NaN());
    if (std::trunc(real) != real || std::abs(real) > kExact) return std::nullopt;
    return static_cast<std::int64_t>(real);
  }

  static std::string expected() {
    std::string text = "an integer";
    if (kHasMin) text += " from " + std::to_string(kMin);
    if (kHasMax) text += " to " + std::to_string(kMax);
    return text;
  }
};

template <std::floating_point T>
struct JsonType<T> {
  static Value schema(Definitions&) { return Value::object({{"type", "number"}}); }
  static Status read(const Value& value, T& out, const Place& place) {
    if (!value.is_number()) return mismatch(value, place, "a number");
    out = static_cast<T>(value.as_real());
    if (!std::isfinite(out)) return mismatch(value, place, "a smaller number");
    return Done{};
  }
  static Value write(T value) { return static_cast<double>(value); }
};

template <>
struct JsonType<std::string> {
  static Value schema(Definitions&) { return Value::object({{"type", "string"}}); }
  static Status read(const Value& value, std::string& out, const Place& place) {
    if (!value.is_string()) return mismatch(value, place, "a string");
    out = value.as_string();
    return Done{};
  }
  static Value write(const std::string& value) { return value; }
};

template <DescribedEnum T>
struct JsonType<T> {
  static Value schema(Definitions&) {
    Value names = Value::array();
    for (const Enumerator<T>& each : enumerators()) names.push_back(each.name);
    return Value::object({{"type", "string"}, {"enum", std::move(names)}});
  }
  static Status read(const Value& value, T& out, const Place& place) {
    std::vector<std::string_view> names;
    for (const Enumerator<T>& each : enumerators()) {
      names.push_back(each.name);
      if (!value.is_string() || value.as_string() != each.name) continue;
      out = each.value;
      return Done{};
    }
    return mismatch(value, place, "one of " + quoted_list(names, '"'));
  }
  /// Null for a value without a name.
  static Value write(T value) {
    for (const Enumerator<T>& each : enumerators())
      if (each.value == value) return each.name;
    return nullptr;
  }

 private:
  static constexpr auto enumerators() { return tachikoma_enumerators(std::type_identity<T>{}); }
};

/// Null means no value; a field or a parameter may also be left out.
template <HasJsonType T>
struct JsonType<std::optional<T>> {
  static Value schema(Definitions& definitions) {
    return Value::object(
        {{"anyOf", Value::array({JsonType<T>::schema(definitions), Value::object({{"type", "null"}})})}});
  }
  static Status read(const Value& value, std::optional<T>& out, const Place& place) {
    if (value.is_null()) return Done{};
    return JsonType<T>::read(value, out.emplace(), place);
  }
  static Value write(const std::optional<T>& value) { return value ? JsonType<T>::write(*value) : Value(); }
};

template <HasJsonType T>
struct JsonType<std::vector<T>> {
  static Value schema(Definitions& definitions) {
    return Value::object({{"type", "array"}, {"items", JsonType<T>::schema(definitions)}});
  }
  static Status read(const Value& value, std::vector<T>& out, const Place& place) {
    if (!value.is_array()) return mismatch(value, place, "an array");
    out.reserve(value.elements().size());
    for (const Value& each : value.elements()) {
      T element{};
      if (Status read = JsonType<T>::read(each, element, Place(place, out.size())); !read) return read;
      out.push_back(std::move(element));
    }
    return Done{};
  }
  static Value write(const std::vector<T>& value) {
    Value array = Value::array();
    for (const auto& each : value) array.push_back(JsonType<T>::write(each));
    return array;
  }
};

template <HasJsonType T, std::size_t N>
struct JsonType<std::array<T, N>> {
  static Value schema(Definitions& definitions) {
    const auto size = static_cast<std::int64_t>(N);
    return Value::object({{"type", "array"},
                          {"items", JsonType<T>::schema(definitions)},
                          {"minItems", size},
                          {"maxItems", size}});
  }
  static Status read(const Value& value, std::array<T, N>& out, const Place& place) {
    if (!value.is_array()) return mismatch(value, place, "an array of " + std::to_string(N));
    const std::size_t size = value.elements().size();
    if (size != N)
      return schema_error(place, "has " + std::to_string(size) + " elements, expected " + std::to_string(N));
    for (std::size_t i = 0; i < N; ++i)
      if (Status read = JsonType<T>::read(value.elements()[i], out[i], Place(place, i)); !read) return read;
    return Done{};
  }
  static Value write(const std::array<T, N>& value) {
    Value array = Value::array();
    for (const T& each : value) array.push_back(JsonType<T>::write(each));
    return array;
  }
};

template <HasJsonType T, class Compare>
struct JsonType<std::map<std::string, T, Compare>> {
  using Map = std::map<std::string, T, Compare>;
  static Value schema(Definitions& definitions) {
    return Value::object({{"type", "object"}, {"additionalProperties", JsonType<T>::schema(definitions)}});
  }
  static Status read(const Value& value, Map& out, const Place& place) {
    if (!value.is_object()) return mismatch(value, place, "an object");
    for (const Member& member : value.members()) {
      T each{};
      if (Status read = JsonType<T>::read(member.value, each, Place(place, member.key)); !read) return read;
      out.insert_or_assign(member.key, std::move(each));
    }
    return Done{};
  }
  static Value write(const Map& value) {
    Value object = Value::object();
    for (const auto& [key, each] : value) object.set(key, JsonType<T>::write(each));
    return object;
  }
};

/// Fails if `value` is not an object, or has a member that is not in `names`.
inline Status check_members(const Value& value, const std::vector<std::string_view>& names,
                            const Place& place) {
  if (!value.is_object()) return mismatch(value, place, "an object");
  for (const Member& member : value.members()) {
    if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
    return schema_error(Place(place, member.key),
                        names.empty() ? "is not expected here" : "is not one of " + quoted_list(names),
                        "leave it out, or correct its name");
  }
  return Done{};
}

/// The schema of an object, member by member.
class ObjectSchema {
 public:
  void add(std::string_view name, std::string_view description, Value schema, bool required) {
    if (!description.empty()) schema.set("description", description);
    properties_.set(name, std::move(schema));
    if (required) required_.push_back(name);
  }
  Value finish() && {
    Value schema = Value::object({{"type", "object"}, {"properties", std::move(properties_)}});
    if (!required_.elements().empty()) schema.set("required", std::move(required_));
    schema.set("additionalProperties", false);
    return schema;
  }

 private:
  Value properties_ = Value::object();
  Value required_ = Value::array();
};

template <Described T>
struct JsonType<T> {
  static_assert(std::default_initializable<T>,
                "a type that TACHIKOMA_FIELDS describes must be default-constructible");

  static Value schema(Definitions& definitions) {
    const auto list = tachikoma_fields(std::type_identity<T>{});
    return definitions.schema_of<T>(list.type, [&] {
      Value schema = object_schema(definitions);
      if (!list.description.empty()) schema.set("description", list.description);
      return schema;
    });
  }

  static Status read(const Value& value, T& out, const Place& place) {
    std::vector<std::string_view> names;
    for_each_field<T>([&](const auto& field) { names.push_back(field.name); });
    Status status = check_members(value, names, place);
    for_each_field<T>([&](const auto& field) {
      if (status) status = read_field(value, field, out, place);
    });
    return status;
  }

  static Value write(const T& value) {
    Value object = Value::object();
    for_each_field<T>([&]<class F>(const F& field) {
      if (Value written = JsonType<typename F::Type>::write(value.*field.member);
          !kIsOptional<typename F::Type> || !written.is_null())
        object.set(field.name, std::move(written));
    });
    return object;
  }

 private:
  static Value object_schema(Definitions& definitions) {
    ObjectSchema schema;
    for_each_field<T>([&]<class F>(const F& field) {
      static_assert(
          HasJsonType<typename F::Type>,
          "this member's type has no JSON form: describe it with TACHIKOMA_FIELDS or TACHIKOMA_ENUM, "
          "or use one of the types that json_schema lists");
      using Plain = typename WithoutOptional<typename F::Type>::Type;
      Value of_field = JsonType<Plain>::schema(definitions);
      const std::optional<Value> initial = initializer(field);
      if (initial && !initial->is_null()) of_field.set("default", *initial);
      schema.add(field.name, field.description, std::move(of_field), !initial);
    });
    return std::move(schema).finish();
  }

  // The default of a field that may be left out; nothing if the field is required. An initializer that gives
  // the type's default value (0, "", false) can't be told from none.
  template <class F>
  static std::optional<Value> initializer(const F& field) {
    using M = typename F::Type;
    const T object{};
    Value initial = JsonType<M>::write(object.*field.member);
    if (!kIsOptional<M> && initial == JsonType<M>::write(M{})) return std::nullopt;
    return initial;
  }

  template <class F>
  static Status read_field(const Value& value, const F& field, T& out, const Place& place) {
    using M = typename F::Type;
    const Place here(place, field.name);
    if (const Value* found = value.find(field.name)) {
      M read{};
      Status status = JsonType<M>::read(*found, read, here);
      if (status) out.*field.member = std::move(read);
      return status;
    }
    if (!initializer(field)) return missing(here);
    return Done{};
  }
};

}  // namespace tachikoma::detail
