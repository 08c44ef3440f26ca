// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// A copy of the sources in which nothing but `tools/quickstart` was run, made once for the test program:
/// what a reader of the README has.
const std::string& fresh_clone();

/// Where that is installed, once for the test program; there is a space in the path.
const std::string& installed_prefix();

/// A command that runs in the folder as on a machine where Tachikoma is installed: its programs are in
/// the path, and CMake and programs find its parts. HOME is the folder.
Command installed(std::vector<std::string> argv, const TempDir& folder);

/// Ends the test unless the program succeeded.
void check(const Finished& finished);

}  // namespace tachikoma::testing
