// SPDX-License-Identifier: MIT
#include <cstdio>
#include <string>

#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

LogCallback log_to_stderr(Severity minimum) {
  return [minimum](Severity severity, std::string_view origin, std::string_view text) {
    if (severity < minimum) return;
    std::string line;
    line.append(origin).append(": ").append(to_string(severity)).append(": ").append(text).append("\n");
    std::fwrite(line.data(), 1, line.size(), stderr);  // in one write: other threads write too
  };
}

}  // namespace tachikoma
