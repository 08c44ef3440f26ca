// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::testing {

/// A registry that has loaded the plugin file, as a program would: `make_provider` and its like make what the
/// file registers. Throws an `Exception` that says why if the file is refused.
PluginRegistry load_plugin(const std::string& file);

/// The checks of `tachikoma plugin check` that the file fails, a line for each with the reason and what to
/// do; empty: it keeps the contract. `settings_file` is as for `--settings`. Throws an `Exception` if it
/// can't be tried. Call it before the test starts threads.
std::string failed_checks(const std::string& file, const std::string& settings_file = {});

}  // namespace tachikoma::testing
