// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tachikoma::cli {

/// Rows as columns with two spaces between them, each as wide as its widest cell; the first row is the
/// heading. Columns that are named in `right` end flush.
std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<std::size_t>& right = {});

}  // namespace tachikoma::cli
