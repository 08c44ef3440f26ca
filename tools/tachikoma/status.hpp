// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma status`. Returns the exit code: the highest of the failures that it shows.
int run_status(const Options& options, Output& output);

}  // namespace tachikoma::cli
