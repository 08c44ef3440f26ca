// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// A setting with a separate field.
struct LoadRow {
  std::string_view setting;
  std::string_view llm_key;
  std::string_view embedding_key;  ///< empty: embedding models have no such field
  /// Null if the setting is absent, or left to the server.
  Value (*write)(const LoadSettings& settings);
  void (*read)(const Value& value, LoadSettings& settings);
};

/// In the order in which LM Studio's own SDK writes them.
std::span<const LoadRow> load_rows();

// The share of layers on GPUs, which needs the model's layer count to be written.
inline constexpr std::string_view kLlmOffload = "llm.load.llama.acceleration.offloadRatio";
inline constexpr std::string_view kEmbeddingOffload = "embedding.load.llama.acceleration.offloadRatio";
GpuLayers read_offload(const Value& ratio);

// How it is split over GPUs: several settings in one field.
inline constexpr std::string_view kGpuSplit = "load.gpuSplitConfig";
void read_gpu_split(const Value& split, LoadSettings& settings);

}  // namespace tachikoma::lmstudio
