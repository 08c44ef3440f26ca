// SPDX-License-Identifier: MIT
#include "plugins/plugin_folders.hpp"

#include <algorithm>
#include <filesystem>

#include "base/try.hpp"

namespace tachikoma::plugins {
namespace {

using Folders = std::vector<std::string>;

bool contains(const Folders& folders, const std::string& folder) {
  return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

// Each once, and in one spelling.
Result<Folders> folders_of(const std::vector<std::string>& paths) {
  Folders folders;
  for (const std::string& path : paths) {
    if (!std::filesystem::path(path).is_absolute())
      return Error(ErrorCode::invalid_argument, "plugin folder '" + path + "' is not absolute",
                   "write the whole path");
    const std::string folder = std::filesystem::path(path).lexically_normal().string();
    if (!contains(folders, folder)) folders.push_back(folder);
  }
  return folders;
}

Folders joined(Folders first, const Folders& others) {
  for (const std::string& folder : others)
    if (!contains(first, folder)) first.push_back(folder);
  return first;
}

}  // namespace

Status PluginFolders::add(const std::vector<std::string>& paths) {
  TACHIKOMA_TRY(Folders added, folders_of(paths));
  all_ = joined(std::move(added), all_);
  return Done{};
}

Status PluginFolders::set_configured(const std::vector<std::string>& paths) {
  TACHIKOMA_TRY(Folders folders, folders_of(paths));
  std::erase_if(all_, [&](const std::string& folder) { return contains(configured_, folder); });
  configured_ = folders;
  std::erase_if(configured_, [&](const std::string& folder) { return contains(all_, folder); });
  all_ = joined(std::move(folders), all_);
  return Done{};
}

}  // namespace tachikoma::plugins
