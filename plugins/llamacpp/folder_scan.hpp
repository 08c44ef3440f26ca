// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace tachikoma::llamacpp {

/// What was found below a folder, and what of it could not be looked at.
struct FolderScan {
  struct Unread {
    std::filesystem::path path;
    std::string why;  ///< in the system's words: "Permission denied"
  };
  std::vector<std::filesystem::path>
      files;                   ///< with the name of a model, also of one that is being downloaded
  std::vector<Unread> unread;  ///< each once; the search went on without it
};

struct ScanLimits {
  std::size_t depth = 32;         ///< folders in folders
  std::size_t entries = 100'000;  ///< names, in all folders together
};

/// Finds the files of models below `root`; linked folders too, each where its link is, but once. A later
/// shard is left out, and so is a folder with the name of a model, unless no file is found in it.
FolderScan scan_folder(const std::filesystem::path& root, const ScanLimits& limits = {});

/// True for the name of a file that stands for a model: not that of a later shard.
bool names_model(const std::filesystem::path& file);

}  // namespace tachikoma::llamacpp
