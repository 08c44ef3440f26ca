// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma chat`: turns read from stdin, answers on stdout. Returns the exit code: of the first turn
/// that failed if stdin is not a terminal, else 0.
int run_chat(const Options& options, Output& output);

}  // namespace tachikoma::cli
