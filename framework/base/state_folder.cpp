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

}  // namespace

std::string state_folder() {
  if (const std::string_view state = path_variable("XDG_STATE_HOME"); state.starts_with('/'))
    return std::string(state) + "/tachikoma";
  if (const std::string_view home = path_variable("HOME"); home.starts_with('/'))
    return std::string(home) + "/.local/state/tachikoma";
  return {};
}

}  // namespace tachikoma::base
