// SPDX-License-Identifier: MIT
#include "base/state_folder.hpp"

#include <cstdlib>
#include <string_view>

namespace tachikoma::base {
namespace {

std::string_view path_variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// "$VARIABLE/tachikoma", else the folder in the user's home; empty without both.
std::string user_folder(const char* variable, const char* in_home) {
  if (const std::string_view given = path_variable(variable); given.starts_with('/'))
    return std::string(given) + "/tachikoma";
  if (const std::string_view home = path_variable("HOME"); home.starts_with('/'))
    return std::string(home) + in_home + "/tachikoma";
  return {};
}

}  // namespace

std::string state_folder() { return user_folder("XDG_STATE_HOME", "/.local/state"); }

std::string config_folder() { return user_folder("XDG_CONFIG_HOME", "/.config"); }

}  // namespace tachikoma::base
