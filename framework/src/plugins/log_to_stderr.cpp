// SPDX-License-Identifier: MIT
#include <cstdio>
#include <string>

#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

LogCallback log_to_stderr(Severity least) {
  return [least](Severity severity, std::string_view who, std::string_view text) {
    if (severity < least) return;
    std::string line;
    line.append(who).append(": ").append(to_string(severity)).append(": ").append(text).append("\n");
    std::fwrite(line.data(), 1, line.size(), stderr);  // in one write: other threads write too
  };
}

}  // namespace tachikoma
