// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma unload`: prints the addresses of what it removed. Returns the exit code.
int run_unload(const Options& options, Output& output);

}  // namespace tachikoma::cli
