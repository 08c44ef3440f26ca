// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugins/module.hpp"
#include "tachikoma/plugin/registrar.hpp"

namespace tachikoma::plugins {

/// A component that a plugin can make.
struct Registration {
  std::string component;  ///< "provider:echo", as in the note
  std::variant<Factory<Provider>, Factory<Tool>, Factory<Monitor>> factory;
};

/// Lets a plugin register its components, into a separate table, which is returned if it is exactly what the
/// note `provides`; else an error. Messages as those of `read_note`.
Result<std::vector<Registration>> register_components(const Module& module,
                                                      const std::vector<std::string>& provides);

}  // namespace tachikoma::plugins
