// SPDX-License-Identifier: MIT
#include "llamacpp/effective.hpp"

#include <string>
#include <utility>

#include "base/lists.hpp"
#include "base/load_settings.hpp"
#include "base/sourced.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr char kLog[] = "llama.cpp's log";

class Comparison {
 public:
  Comparison(const LoadSettings& asked, LoadedModel& model) : asked_(asked), model_(model) {}

  void number(const char* name, const std::optional<std::int64_t>& wanted,
              const std::optional<std::int64_t>& applied, const char* reason) {
    if (wanted && applied && *wanted != *applied) lost(name, *applied, reason);
  }
  void lost(const char* name, Value applied, const char* reason) {
    model_.unapplied.push_back({.name = name,
                                .asked = base::setting_value(asked_, name),
                                .applied = std::move(applied),
                                .reason = reason});
  }

 private:
  const LoadSettings& asked_;
  LoadedModel& model_;
};

bool wants_gpu(const GpuLayers& layers) {
  return layers.kind == GpuLayers::Kind::all ||
         (layers.kind == GpuLayers::Kind::count ? layers.count > 0 : layers.ratio > 0);
}

// Reports GPU settings on a machine without a GPU.
void report_no_gpu(const LoadSettings& asked, Comparison& compare) {
  constexpr char kReason[] = "llama.cpp found no usable GPU, and ignores it";
  if (asked.gpu_layers && wants_gpu(*asked.gpu_layers)) compare.lost("gpu_layers", 0, kReason);
  if (asked.gpu_split_mode) compare.lost("gpu_split_mode", {}, kReason);
  if (asked.main_gpu) compare.lost("main_gpu", {}, kReason);
  if (!asked.tensor_split.empty()) compare.lost("tensor_split", {}, kReason);
  if (asked.offload_kqv == true) compare.lost("offload_kqv", false, kReason);
}

LoadSettings in_effect(const EngineLog& log) {
  LoadSettings settings;
  settings.context_length = log.context_length;
  settings.batch_size = log.batch_size;
  settings.micro_batch_size = log.micro_batch_size;
  settings.parallel = log.parallel;
  settings.threads = log.threads;
  settings.rope_frequency_base = log.rope_frequency_base;
  settings.rope_frequency_scale = log.rope_frequency_scale;
  if (!log.cache_type_k.empty()) settings.cache_type_k = log.cache_type_k;
  if (!log.cache_type_v.empty()) settings.cache_type_v = log.cache_type_v;
  if (log.flash_attention)
    settings.flash_attention = *log.flash_attention ? FlashAttention::on : FlashAttention::off;
  return settings;
}

// The log does not mention layers if there is no GPU for them.
Sourced<std::int64_t> layers_on_gpu(const EngineLog& log) {
  if (log.all_in_ram()) return {0, Source::reported, std::string(kLog) + ": all of its buffers are in RAM"};
  if (log.no_gpu) return {0, Source::reported, std::string(kLog) + ": no usable GPU"};
  return base::said_by(kLog, log.offloaded_layers, "how many layers are on the GPU");
}

}  // namespace

Sourced<std::int64_t> context_of(const EngineLog& log) {
  return base::said_by(kLog, log.context_length, "the context length");
}

void read_effective(const EngineLog& log, const LoadSettings& asked, LoadedModel& model) {
  model.applied = in_effect(log);
  if (log.offloaded_layers) model.applied.gpu_layers = GpuLayers::exactly(*log.offloaded_layers);
  if (log.without_gpu()) model.applied.gpu_layers = GpuLayers::none();
  Comparison compare(asked, model);
  compare.number("context_length", asked.context_length, log.context_length,
                 "llama.cpp rounds it, or made it fit");
  compare.number("batch_size", asked.batch_size, log.batch_size, "llama.cpp limits it by the context");
  compare.number("micro_batch_size", asked.micro_batch_size, log.micro_batch_size,
                 "llama.cpp limits it by the batch");
  compare.number("parallel", asked.parallel, log.parallel, "llama.cpp made a different number of slots");
  if (asked.flash_attention == FlashAttention::on && log.flash_attention == false)
    compare.lost("flash_attention", false, "llama.cpp turned it off for this model");
  if (asked.use_mlock == true && log.mlock_failed)
    compare.lost("use_mlock", false,
                 "the system limits the memory that llama.cpp may lock: raise the limit (ulimit -l)");
  if (log.without_gpu()) return report_no_gpu(asked, compare);
  if (asked.gpu_layers && asked.gpu_layers->kind == GpuLayers::Kind::count && log.all_layers)
    compare.number("gpu_layers", std::min(asked.gpu_layers->count, *log.all_layers), log.offloaded_layers,
                   "llama.cpp put a different number of layers on the GPU");
}

ModelStatus status_from_log(const EngineLog& log, const base::GgufModel& model) {
  ModelStatus status;
  status.context_length = context_of(log);
  status.config = in_effect(log);
  status.config_basis = kLog;
  status.gpu_layers = layers_on_gpu(log);
  status.total_layers = base::said_by(kLog, log.all_layers, "how many layers there are");
  if (!status.total_layers && model.layers)
    status.total_layers = {*model.layers + 1, Source::reported, "the model's file, and the output layer"};
  if (log.buffers.empty()) {
    status.memory_bytes.basis = status.vram_bytes.basis = std::string(kLog) + " names no buffers";
    return status;
  }
  status.memory_bytes = {log.total_bytes(), Source::reported, std::string(kLog) + ": the sum of its buffers"};
  status.vram_bytes = {log.gpu_bytes(), Source::reported,
                       std::string(kLog) + ": the sum of its buffers on GPUs"};
  if (log.rpc_bytes() > 0) status.extra.set("rpc_bytes", log.rpc_bytes());
  const auto described = [](const EngineBuffer& each) {
    return Value::object({{"device", each.device}, {"purpose", each.purpose}, {"bytes", each.bytes}});
  };
  status.extra.set("buffers", base::array_of(log.buffers, described));
  return status;
}

}  // namespace tachikoma::llamacpp
