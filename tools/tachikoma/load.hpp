// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma load`: prints the address of what was loaded, or with --estimate-only how much memory it would
/// need. Returns the exit code; that of `insufficient_memory` for what would not fit.
int run_load(const Options& options, Output& output);

}  // namespace tachikoma::cli
