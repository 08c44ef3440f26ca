// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// A model on this machine's disk.
struct ModelFile {
  std::string key;
  std::filesystem::path path;       ///< of its first shard
  std::filesystem::path projector;  ///< the file that adds vision; empty: none
  base::GgufModel model;
};

/// The kind of a model, according to its file.
ModelKind kind_of(const base::GgufModel& model);

/// The GGUF models below a folder, and below those that it has links to. A key is the relative path without
/// ".gguf", and without the number of a shard, unless another file has that key; an absolute path is a key
/// too.
class ModelFolder {
 public:
  explicit ModelFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Every model, ordered by key. A file that can't be read is `failed`, with the reason in `extra.error`.
  std::vector<ModelInfo> list() const;
  /// The model with that key. `model_not_found` names similar keys; the error for an unusable file has the
  /// reason.
  Result<ModelFile> find(std::string_view key) const;

 private:
  struct Entry {
    std::string key;
    std::filesystem::path file;  // the first shard
  };

  std::vector<Entry> entries() const;  // by key

  std::filesystem::path folder_;  // empty: only absolute paths are keys
};

}  // namespace tachikoma::llamacpp
