// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"
#include "output.hpp"

namespace tachikoma::cli {

/// `tachikoma ask`: one question, one answer. Returns the exit code.
int run_ask(const Options& options, Output& output);

}  // namespace tachikoma::cli
