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
  std::filesystem::path projector;  ///< the file that lets it see images; empty: there is none
  base::GgufModel model;
};

/// What a model is for, according to its file.
ModelKind kind_of(const base::GgufModel& model);

/// The GGUF models below a folder. A key is the path below it without ".gguf", and without the number of a
/// shard; an absolute path is a key as well.
class ModelFolder {
 public:
  explicit ModelFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Every model, by key. A file that can't be read is `failed`, with the reason in `extra.error`.
  std::vector<ModelInfo> list() const;
  /// The model of that key. `model_not_found` names near keys; a file that can't be used is said with the
  /// reason.
  Result<ModelFile> find(std::string_view key) const;

 private:
  std::vector<std::filesystem::path> files() const;
  std::string key_of(const std::filesystem::path& file) const;

  std::filesystem::path folder_;  // empty: only paths are keys
};

}  // namespace tachikoma::llamacpp
