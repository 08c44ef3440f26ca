// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "interrupt.hpp"
#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// Prints which models are in memory, and what `programs`, as `running_programs` has them, keep there.
/// Returns the exit code.
int show_memory(Runtime& runtime, const std::vector<Value>& programs, Interrupts& interrupts,
                const Options& options, Output& output);

}  // namespace tachikoma::cli
