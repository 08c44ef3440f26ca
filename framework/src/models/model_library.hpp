// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/model_selector.hpp"

namespace tachikoma::models {

/// The facts about a model that its memory and its worth are computed from.
struct LibraryModel {
  struct Size {
    std::string quantization;
    std::int64_t bytes;
  };

  std::string name;
  std::int64_t released = 0;  ///< the year
  double parameters = 0;
  double active_parameters = 0;  ///< all of them unless it is a mixture of experts
  std::int64_t layers = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_size = 0;
  std::int64_t window_tokens = 0;  ///< kept by `window_layers`
  std::int64_t window_layers = 0;
  std::int64_t context_length = 0;
  std::vector<Task> tasks = {};  ///< the first is its speciality
  std::vector<Size> sizes = {};  ///< smallest first
  std::string download = {};
};

/// What its keys and values take for a context of so many tokens.
Sourced<std::int64_t> context_bytes(const LibraryModel& model, std::int64_t tokens);

class ModelLibrary {
 public:
  /// The file's; with an empty name the built-in one. Fails with `config_invalid`.
  static Result<ModelLibrary> read(const std::string& file);

  const std::vector<LibraryModel>& models() const { return models_; }
  /// The one whose name is the longest in a key: 'qwen3-8b' in 'lmstudio-community/Qwen3-8B-GGUF'. Null if
  /// none is.
  const LibraryModel* find(std::string_view key) const;
  /// Of a quantization in any case of letters.
  std::optional<double> bits_per_weight(std::string_view quantization) const;

 private:
  std::vector<LibraryModel> models_;
  std::vector<std::pair<std::string, double>> bits_;
};

}  // namespace tachikoma::models
