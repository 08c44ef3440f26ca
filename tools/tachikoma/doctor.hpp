// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma doctor`. Returns 0, or the exit code of the worst finding.
int run_doctor(const Options& options, Output& output);

}  // namespace tachikoma::cli
