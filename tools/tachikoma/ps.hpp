// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma ps`: prints the models in memory. Returns the exit code.
int run_ps(const Options& options, Output& output);

}  // namespace tachikoma::cli
