// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <type_traits>
#include <utility>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/sdk/detail/field_list.hpp"
#include "tachikoma/plugin/sdk/detail/for_each.hpp"
#include "tachikoma/plugin/sdk/detail/json_type.hpp"
#include "tachikoma/plugin/value.hpp"

/// Describes a struct by its public members. Use it in the struct's namespace:
///
///     struct Forecast {
///       std::string city;
///       int days = 3;
///       std::optional<std::string> language;
///     };
///     TACHIKOMA_FIELDS(Forecast, city, (days, "How many days ahead"), language);
///
/// A member, or the type itself, may be given in parentheses with a description. A `std::optional` member is
/// not required. Neither is one whose initializer differs from its type's default value (0, "", false); the
/// initializer is then its default. The type must be default-constructible.
#define TACHIKOMA_FIELDS(TYPE, ...) TACHIKOMA_DETAIL_FIELDS(TACHIKOMA_DETAIL_NAME(TYPE), TYPE, __VA_ARGS__)

/// Describes an enum by its values, which are strings in JSON. Use it in the enum's namespace:
///
///     enum class Unit { celsius, fahrenheit };
///     TACHIKOMA_ENUM(Unit, celsius, fahrenheit);
#define TACHIKOMA_ENUM(TYPE, ...)                                                                 \
  [[maybe_unused]] constexpr auto tachikoma_enumerators(std::type_identity<TYPE>) {               \
    return std::array{TACHIKOMA_DETAIL_FOR_EACH(TACHIKOMA_DETAIL_ENUMERATOR, TYPE, __VA_ARGS__)}; \
  }                                                                                               \
  static_assert(std::is_enum_v<TYPE>, "TACHIKOMA_ENUM describes an enum")

#define TACHIKOMA_DETAIL_FIELDS(NAME, TYPE, ...)                                   \
  [[maybe_unused]] constexpr auto tachikoma_fields(std::type_identity<NAME>) {     \
    return ::tachikoma::detail::field_list(                                        \
        TACHIKOMA_DETAIL_QUOTE(NAME),                                              \
        TACHIKOMA_DETAIL_DESCRIPTION(TYPE) __VA_OPT__(, )                          \
            TACHIKOMA_DETAIL_FOR_EACH(TACHIKOMA_DETAIL_FIELD, NAME, __VA_ARGS__)); \
  }                                                                                \
  static_assert(std::is_class_v<NAME>, "TACHIKOMA_FIELDS describes a struct")
#define TACHIKOMA_DETAIL_FIELD(TYPE, ITEM)                                        \
  ::tachikoma::detail::field(TACHIKOMA_DETAIL_QUOTE(TACHIKOMA_DETAIL_NAME(ITEM)), \
                             TACHIKOMA_DETAIL_DESCRIPTION(ITEM), &TYPE::TACHIKOMA_DETAIL_NAME(ITEM))
#define TACHIKOMA_DETAIL_ENUMERATOR(TYPE, ITEM) \
  ::tachikoma::detail::Enumerator<TYPE> { #ITEM, TYPE::ITEM }

namespace tachikoma {

/// The JSON Schema of a C++ type: bool, integers, floating-point numbers, `std::string`, enums and structs
/// described as above (a struct may contain a list of itself), `std::optional`, `std::vector`, `std::array`
/// and `std::map<std::string, …>` of these, and `Value` for anything.
template <class T>
Value json_schema() {
  static_assert(detail::HasJsonType<T>,
                "this type has no JSON form: describe it with TACHIKOMA_FIELDS or TACHIKOMA_ENUM");
  detail::Definitions definitions;
  Value schema = detail::JsonType<T>::schema(definitions);
  std::move(definitions).add_to(schema);
  return schema;
}

/// `value` as a `T`; `schema_violation` with `detail.pointer` when it does not fit.
template <class T>
Result<T> from_value(const Value& value) {
  static_assert(detail::HasJsonType<T>,
                "this type has no JSON form: describe it with TACHIKOMA_FIELDS or TACHIKOMA_ENUM");
  T read{};
  if (Status status = detail::JsonType<T>::read(value, read, {}); !status) return std::move(status).error();
  return read;
}

/// The reverse: a struct becomes an object, without the optional members that are empty.
template <detail::HasJsonType T>
Value to_value(const T& value) {
  return detail::JsonType<T>::write(value);
}

}  // namespace tachikoma
