// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/tool.hpp"

namespace tachikoma::base {

/// A kind of component that a plugin can bring.
struct ComponentKind {
  std::string_view name;     ///< in a plugin's note: "provider" of "provider:lmstudio"
  std::string_view section;  ///< of a configuration
};

inline constexpr std::array kComponentKinds{ComponentKind{"provider", "providers"},
                                            ComponentKind{"tool", "tools"},
                                            ComponentKind{"monitor", "monitors"}};

/// The name of the kind whose interface is `C`.
template <class C>
inline constexpr std::string_view kKindName = {};
template <>
inline constexpr std::string_view kKindName<Provider> = kComponentKinds[0].name;
template <>
inline constexpr std::string_view kKindName<Tool> = kComponentKinds[1].name;
template <>
inline constexpr std::string_view kKindName<Monitor> = kComponentKinds[2].name;

constexpr bool is_component_kind(std::string_view name) {
  return std::any_of(kComponentKinds.begin(), kComponentKinds.end(),
                     [&](const ComponentKind& kind) { return kind.name == name; });
}

/// True for what the id of a component may be: letters a-z, digits, `-` and `_`.
constexpr bool is_component_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace tachikoma::base
