// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "log_stats.hpp"

namespace tachikoma::cli {

/// Writes a page with charts of the statistics, for a browser: one file that needs no other, and no network.
/// Replaces a file that is there.
Status write_log_page(const std::string& file, const LogStatistics& statistics,
                      const std::vector<LoggedGeneration>& generations);

}  // namespace tachikoma::cli
