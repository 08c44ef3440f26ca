// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/plugin_file.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

/// The folders to search, and warnings about entries that were skipped.
struct SearchPath {
  std::vector<std::string> folders;
  std::vector<std::string> warnings;
};

/// The given folders, then TACHIKOMA_PLUGIN_PATH, the user's data folder, and the folder that came
/// with this program. Entries that are not absolute are left out: what they mean would depend on the
/// working directory.
SearchPath make_search_path(const std::vector<std::string>& given);

/// Every plugin file of the folders, in their order and by name within one, with later files of the
/// same plugin name marked as shadowed.
std::vector<PluginReport> scan_folders(const std::vector<std::string>& folders, Detail detail);

}  // namespace tachikoma::plugins
