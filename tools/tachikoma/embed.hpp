// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma embed`: texts in, vectors out. Returns the exit code.
int run_embed(const Options& options, Output& output);

}  // namespace tachikoma::cli
