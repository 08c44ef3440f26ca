// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tachikoma::detail {

/// A member of a struct, as TACHIKOMA_FIELDS describes it.
template <class T, class M>
struct Field {
  using Type = M;
  std::string_view name;
  std::string_view description;
  M T::*member;
};

template <class T, class M>
constexpr Field<T, M> field(std::string_view name, std::string_view description, M T::*member) {
  return {name, description, member};
}

template <class... F>
struct FieldList {
  std::string_view type;
  std::string_view description;
  std::tuple<F...> fields;
};

template <class... F>
constexpr FieldList<F...> field_list(std::string_view type, std::string_view description, F... fields) {
  return {type, description, {fields...}};
}

/// A value of an enum, as TACHIKOMA_ENUM describes it.
template <class T>
struct Enumerator {
  std::string_view name;
  T value;
};

// found by argument-dependent lookup in the type's namespace; the tag keeps conversions out of it
template <class T>
concept Described = std::is_class_v<T> && requires {
  tachikoma_fields(std::type_identity<T>{});
};
template <class T>
concept DescribedEnum = std::is_enum_v<T> && requires {
  tachikoma_enumerators(std::type_identity<T>{});
};

/// Calls `visit` with each field, in order.
template <Described T, class Visit>
void for_each_field(Visit visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); },
             tachikoma_fields(std::type_identity<T>{}).fields);
}

}  // namespace tachikoma::detail
