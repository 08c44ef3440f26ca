// SPDX-License-Identifier: MIT
#pragma once

#include "verbs.hpp"

namespace tachikoma::cli {

class OptionSet;

/// `--think` and `--effort`.
void add_reasoning(OptionSet& set, Options& options);
/// `--raw`, `--usage`, `--no-cache`, and every setting of an answer.
void add_generation(OptionSet& set, Options& options);

}  // namespace tachikoma::cli
