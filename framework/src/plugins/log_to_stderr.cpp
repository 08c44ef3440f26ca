// SPDX-License-Identifier: MIT
#include <string>
#include <unistd.h>

#include "base/blocking_io.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

LogCallback log_to_stderr(Severity minimum) {
  return [minimum](Severity severity, std::string_view origin, std::string_view text) {
    if (severity < minimum) return;
    std::string line;
    line.append(origin).append(": ").append(to_string(severity)).append(": ").append(text).append("\n");
    base::write_all(STDERR_FILENO, line);  // in one write: other threads write too
  };
}

}  // namespace tachikoma
