// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma config check`: every error of a configuration. Returns the exit code.
int run_config_check(const Options& options, Output& output);
/// `tachikoma config show`: every value in force, with its origin. Returns the exit code.
int run_config_show(const Options& options, Output& output);
/// `tachikoma config path`: the file that is used. Returns the exit code.
int run_config_path(const Options& options, Output& output);

}  // namespace tachikoma::cli
