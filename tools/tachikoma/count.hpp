// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma count`: the tokens of a prompt. Returns the exit code.
int run_count(const Options& options, Output& output);

}  // namespace tachikoma::cli
