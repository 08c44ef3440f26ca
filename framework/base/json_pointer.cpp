// SPDX-License-Identifier: MIT
#include "base/json_pointer.hpp"

namespace tachikoma::base {

std::string pointer_step(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

}  // namespace tachikoma::base
