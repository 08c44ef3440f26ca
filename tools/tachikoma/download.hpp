// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma download`: prints the model's name on the server. Returns the exit code.
int run_download(const Options& options, Output& output);

}  // namespace tachikoma::cli
