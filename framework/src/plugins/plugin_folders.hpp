// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::plugins {

/// The folders in which plugins are searched, in this order. Not synchronised.
class PluginFolders {
 public:
  PluginFolders() = default;
  explicit PluginFolders(std::vector<std::string> folders) : all_(std::move(folders)) {}

  const std::vector<std::string>& all() const { return all_; }
  /// Adds folders in front of all others. Fails with `invalid_argument` if a path is not absolute; then
  /// nothing has changed.
  Status add(const std::vector<std::string>& paths);
  /// The same; those that were given here before, and in no other way, go.
  Status set_configured(const std::vector<std::string>& paths);

 private:
  std::vector<std::string> all_;
  std::vector<std::string> configured_;  // those that are there for the configuration alone
};

}  // namespace tachikoma::plugins
