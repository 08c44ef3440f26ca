// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf.hpp"
#include "llamacpp/folder_scan.hpp"
#include "llamacpp/model_file.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// A model on this machine's disk.
struct ModelFile {
  std::string key;
  std::filesystem::path path;       ///< of its first shard
  std::filesystem::path projector;  ///< the file that adds images or sound; empty: none
  base::GgufModel model;
};

/// The kind of a model, according to its file; unknown: it ranks texts.
ModelKind kind_of(const base::GgufModel& model);

/// The GGUF models below a folder, and below those that it has links to. A key is the relative path without
/// ".gguf", and without the number of a shard, unless another file has that key; an absolute path is a key
/// too.
class ModelFolder {
 public:
  explicit ModelFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct Contents {
    /// Every model, ordered by key. A file that is no model or can't be used is `failed`, with the reason and
    /// the next step in `extra.error` and `extra.hint`; `extra.file` is the kind of a file that is something
    /// else. Projectors that fit a model are not listed.
    std::vector<ModelInfo> models;
    std::vector<FolderScan::Unread> unread;  ///< what could not be looked at
  };
  Contents contents() const;
  std::vector<ModelInfo> list() const { return contents().models; }
  /// The model with that key. `model_not_found` names similar keys, and what could not be looked at; the
  /// error for an unusable file has the reason.
  Result<ModelFile> find(std::string_view key) const;
  /// The same as a `failed` entry of a list: its key is the path with a slash behind it.
  ModelInfo to_info(const FolderScan::Unread& unread) const;

 private:
  struct Entry {
    std::string key;
    std::filesystem::path file;  // the first shard
  };

  std::vector<Entry> entries(std::vector<std::filesystem::path> files) const;  // by key
  std::filesystem::path projector_of(const GgufFile& model) const;
  Error not_found(std::string_view key, const std::vector<std::string>& keys,
                  const std::vector<FolderScan::Unread>& unread) const;

  std::filesystem::path folder_;  // empty: only absolute paths are keys
};

}  // namespace tachikoma::llamacpp
