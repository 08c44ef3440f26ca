// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// A session of a user that ends with the object: XDG_RUNTIME_DIR is a folder of its own.
class UserSession {
 public:
  UserSession() { ::setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1); }
  ~UserSession() { ::unsetenv("XDG_RUNTIME_DIR"); }
  UserSession(const UserSession&) = delete;
  UserSession& operator=(const UserSession&) = delete;

  const TempDir& folder() const { return folder_; }
  /// The files of running programs, by name.
  std::vector<std::string> files() const { return files_in("tachikoma"); }
  /// The records of instances, by name.
  std::vector<std::string> records() const {
    std::vector<std::string> names = files_in("tachikoma/instances");
    std::erase_if(names, [](const std::string& each) { return !each.ends_with(".json"); });
    return names;
  }

 private:
  std::vector<std::string> files_in(const std::string& below) const {
    std::vector<std::string> names;
    std::error_code failure;
    for (const auto& each : std::filesystem::directory_iterator(folder_.path() / below, failure))
      if (!each.is_directory()) names.push_back(each.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  TempDir folder_;
};

}  // namespace tachikoma::testing
