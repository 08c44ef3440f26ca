// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

#include "base/gguf.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// A GGUF file that was read, a model or not.
struct GgufFile {
  std::filesystem::path path;  ///< of its first shard
  base::GgufModel model;
};

/// Reads a file that has the name of a model. The error says what it is instead: another format, a download
/// that is not finished, a link to nothing.
Result<base::GgufModel> read_file(const std::filesystem::path& file);

/// The error for a GGUF file that is no model of its own, such as an adapter; `detail.file` is its kind.
/// Nullopt: it is a model.
std::optional<Error> no_model(const GgufFile& file);

}  // namespace tachikoma::llamacpp
