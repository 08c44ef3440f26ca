// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace tachikoma::cli {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// The size of the terminal that the file descriptor is; of anything else, and of a terminal that does not
/// know its own, COLUMNS in the environment and LINES, else 80 by 24.
TerminalSize terminal_size(int fd);

}  // namespace tachikoma::cli
