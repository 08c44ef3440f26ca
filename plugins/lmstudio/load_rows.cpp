// SPDX-License-Identifier: MIT
#include "lmstudio/load_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

namespace tachikoma::lmstudio {
namespace {

template <class T>
void assign(const Value& value, std::optional<T>& to) {
  if constexpr (std::is_same_v<T, bool>) {
    if (value.is_bool()) to = value.as_bool();
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    if (value.is_number()) to = value.is_integer() ? value.as_integer() : std::int64_t(value.as_real());
  } else if constexpr (std::is_same_v<T, double>) {
    if (value.is_number()) to = value.as_real();
  } else {
    if (value.is_string()) to = std::string(value.as_string());
  }
}

template <auto kMember>
Value write_plain(const LoadSettings& settings) {
  return settings.*kMember ? Value(*(settings.*kMember)) : Value();
}

template <auto kMember>
void read_plain(const Value& value, LoadSettings& settings) {
  assign(value, settings.*kMember);
}

// A field that can be off: `{"checked":true,"value":42}`.
template <auto kMember>
Value write_checkbox(const LoadSettings& settings) {
  if (!(settings.*kMember)) return {};
  return Value::object({{"checked", true}, {"value", Value(*(settings.*kMember))}});
}

template <auto kMember>
void read_checkbox(const Value& value, LoadSettings& settings) {
  if (value["checked"].as_bool()) assign(value["value"], settings.*kMember);
}

template <auto kMember>
constexpr LoadRow plain(std::string_view setting, std::string_view llm, std::string_view embedding = {}) {
  return {setting, llm, embedding, write_plain<kMember>, read_plain<kMember>};
}

template <auto kMember>
constexpr LoadRow checkbox(std::string_view setting, std::string_view llm, std::string_view embedding = {}) {
  return {setting, llm, embedding, write_checkbox<kMember>, read_checkbox<kMember>};
}

Value write_flash_attention(const LoadSettings& settings) {
  if (!settings.flash_attention || *settings.flash_attention == FlashAttention::automatic) return {};
  return *settings.flash_attention == FlashAttention::on;
}

void read_flash_attention(const Value& value, LoadSettings& settings) {
  if (value.is_bool()) settings.flash_attention = value.as_bool() ? FlashAttention::on : FlashAttention::off;
}

// 0 means the model's own number.
void read_experts(const Value& value, LoadSettings& settings) {
  if (value.as_integer() > 0) settings.experts = value.as_integer();
}

using S = LoadSettings;
constexpr LoadRow kRows[] = {
    plain<&S::parallel>("parallel", "llm.load.numParallelSessions"),
    plain<&S::offload_kqv>("offload_kqv", "llm.load.offloadKVCacheToGpu"),
    plain<&S::context_length>("context_length", "llm.load.contextLength", "embedding.load.contextLength"),
    checkbox<&S::rope_frequency_base>("rope_frequency_base", "llm.load.llama.ropeFrequencyBase",
                                      "embedding.load.llama.ropeFrequencyBase"),
    checkbox<&S::rope_frequency_scale>("rope_frequency_scale", "llm.load.llama.ropeFrequencyScale",
                                       "embedding.load.llama.ropeFrequencyScale"),
    plain<&S::batch_size>("batch_size", "llm.load.llama.evalBatchSize", "embedding.load.llama.evalBatchSize"),
    plain<&S::micro_batch_size>("micro_batch_size", "llm.load.llama.physicalBatchSize"),
    {"flash_attention", "llm.load.llama.flashAttention", {}, write_flash_attention, read_flash_attention},
    plain<&S::threads>("threads", "llm.load.llama.cpuThreadPoolSize"),
    plain<&S::use_mlock>("use_mlock", "llm.load.llama.keepModelInMemory",
                         "embedding.load.llama.keepModelInMemory"),
    checkbox<&S::seed>("seed", "llm.load.seed", "embedding.load.seed"),
    plain<&S::use_mmap>("use_mmap", "llm.load.llama.tryMmap", "embedding.load.llama.tryMmap"),
    {"experts", "llm.load.numExperts", {}, write_plain<&S::experts>, read_experts},
    checkbox<&S::cache_type_k>("cache_type_k", "llm.load.llama.kCacheQuantizationType"),
    checkbox<&S::cache_type_v>("cache_type_v", "llm.load.llama.vCacheQuantizationType"),
};

}  // namespace

std::span<const LoadRow> load_rows() { return kRows; }

GpuLayers read_offload(const Value& ratio) {
  const double share = ratio.as_string() == "max" ? 1 : ratio.as_string() == "off" ? 0 : ratio.as_real();
  if (share >= 1) return GpuLayers::all();
  return share <= 0 ? GpuLayers::none() : GpuLayers::share(share);
}

// With disabled GPUs, the main GPU may be the only one or one of several: left undecided.
void read_gpu_split(const Value& split, LoadSettings& settings) {
  const std::string_view strategy = split["strategy"].as_string();
  const Value::Array& disabled = split["disabledGpus"].elements();
  if (strategy == "evenly" || strategy == "custom" || (strategy == "priorityOrder" && disabled.empty()))
    settings.gpu_split_mode = SplitMode::layer;
  if (strategy == "custom")
    for (const Value& share : split["customRatio"].elements())
      settings.tensor_split.push_back(share.as_real());
  if (strategy != "priorityOrder") return;
  for (const Value& gpu : split["priority"].elements()) {
    if (std::find(disabled.begin(), disabled.end(), gpu) != disabled.end()) continue;
    settings.main_gpu = gpu.as_integer();
    return;
  }
}

}  // namespace tachikoma::lmstudio
