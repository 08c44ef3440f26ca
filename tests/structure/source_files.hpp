// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tachikoma::testing {

/// One C++ source of the repository.
struct SourceFile {
  std::string path;  ///< below the repository
  std::vector<std::string> lines;
};

/// All of them, in the order of their paths.
const std::vector<SourceFile>& source_files();

}  // namespace tachikoma::testing
