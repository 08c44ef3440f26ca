// SPDX-License-Identifier: MIT
#pragma once

#include "verbs.hpp"

namespace tachikoma::cli {

/// The options of `load`: every load setting, and --estimate-only.
void add_load_options(OptionSet& set, Options& options);

}  // namespace tachikoma::cli
