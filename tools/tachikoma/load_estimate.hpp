// SPDX-License-Identifier: MIT
#pragma once

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// `load --estimate-only`: what the load would take, and whether that fits. Returns the exit code.
int show_estimate(Runtime& runtime, const Options& options, Output& output);

}  // namespace tachikoma::cli
