// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma plugin list`: every plugin file that is found. Returns the exit code.
int run_plugin_list(const Options& options, Output& output);
/// `tachikoma plugin info`: one plugin. Returns the exit code, 10 for one that is refused.
int run_plugin_info(const Options& options, Output& output);

}  // namespace tachikoma::cli
