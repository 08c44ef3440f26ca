// SPDX-License-Identifier: MIT
#include "base/gguf_memory.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/compute_buffers.hpp"
#include "base/kv_cache.hpp"
#include "base/sourced.hpp"

namespace tachikoma::base {
namespace {

// The ends of the range around what is computed: less than a factor of two.
constexpr double kLow = 0.72, kHigh = 1.43;

SplitBytes split(double ram, double gpu, const std::string& basis) {
  return {estimated_bytes(ram, basis), estimated_bytes(gpu, basis)};
}

SplitBytes unknown_split(const std::string& why) { return {unknown(why), unknown(why)}; }

// Which layers are where. The output is the last of those on GPUs.
struct Placement {
  LayerRange ram, gpu;
  bool output_on_gpu = false;
};

Placement place(const GgufModel& model, const GgufLoad& load) {
  const std::int64_t layers = model.layers.value_or(0);
  const std::int64_t on_gpu = std::clamp<std::int64_t>(load.gpu_layers - 1, 0, layers);
  return {{0, layers - on_gpu}, {layers - on_gpu, layers}, load.gpu_layers > 0};
}

double bytes_of_blocks(const GgufTensors& tensors, LayerRange range) {
  double bytes = 0;
  for (std::int64_t i = range.first; i < range.end && i < static_cast<std::int64_t>(tensors.blocks.size());
       ++i)
    bytes += static_cast<double>(tensors.blocks[static_cast<std::size_t>(i)].bytes);
  return bytes;
}

// True for kinds that llama.cpp lays out anew for the vector instructions of an x86 CPU, if the rows come in
// eights: Q4_0, Q2_K, Q4_K, IQ4_NL and MXFP4 (ggml/src/ggml-cpu/repack.cpp).
bool is_laid_out_anew(const GgufTensors& tensors) {
  constexpr std::array kRearranged{2u, 10u, 12u, 20u, 39u};
  return tensors.vocabulary % 8 == 0 &&
         std::find(kRearranged.begin(), kRearranged.end(), tensors.embedding_type) != kRearranged.end();
}

// Of the layers that predict more than one token: llama.cpp leaves them out unless it is told to use them.
LayerRange left_out(const GgufModel& model) {
  const std::int64_t layers = model.layers.value_or(0);
  return {std::max<std::int64_t>(layers - model.prediction_layers.value_or(0), 0), layers};
}

// What turns tokens into vectors stays in RAM as it is; if it is the output too, that may be a copy.
double copied_for_output(const GgufModel& model, const Placement& at) {
  const GgufTensors& tensors = model.tensors;
  if (tensors.output || model.is_encoder()) return 0;
  return at.output_on_gpu || is_laid_out_anew(tensors) ? static_cast<double>(tensors.embedding_bytes) : 0;
}

SplitBytes weights_of(const GgufModel& model, const Placement& at) {
  const GgufTensors& tensors = model.tensors;
  if (!tensors.unknown_types.empty() || tensors.count == 0) {
    const SplitBytes files = split(static_cast<double>(model.size_bytes), 0, "the size of the model's files");
    return at.output_on_gpu ? SplitBytes{files.ram, unknown("the model file has tensors of an unknown type")}
                            : files;
  }
  const std::string basis = "the sizes of the tensors in the model file";
  const double copied = copied_for_output(model, at);
  const LayerRange out = left_out(model);
  const double loaded = static_cast<double>(tensors.bytes) - bytes_of_blocks(tensors, out);
  if (!at.output_on_gpu) return split(loaded + copied, 0, basis);
  const double gpu = bytes_of_blocks(tensors, {at.gpu.first, std::min(at.gpu.end, out.first)}) +
                     static_cast<double>(tensors.output_bytes);
  return split(std::max(loaded - gpu, 0.0), gpu + copied, basis);
}

SplitBytes output_of(const GgufModel& model, const GgufLoad& load) {
  if (model.tensors.vocabulary == 0)
    return unknown_split("the model file does not say how many tokens it has");
  const double numbers = static_cast<double>(model.tensors.vocabulary) +
                         (model.is_embedding() ? static_cast<double>(model.embedding_length.value_or(0)) : 0);
  return split(numbers * 4 * static_cast<double>(load.sequences), 0, "the size of its vocabulary");
}

// The masks are made in RAM, wherever the layers are that use them.
void estimate_compute(const GgufModel& model, const GgufLoad& load, const Placement& at, GgufMemory& memory) {
  const ComputeNeed all = compute_need(model, load, {0, model.layers.value_or(0)});
  if (!all.reason.empty()) {
    memory.compute_min = memory.compute_max = unknown_split(all.reason);
    return;
  }
  const ComputeNeed in_ram = compute_need(model, load, at.ram), on_gpu = compute_need(model, load, at.gpu);
  const bool first_on_gpu = at.ram.first == at.ram.end;
  const double ram = all.masks + std::max({in_ram.layer, all.input + (first_on_gpu ? 0 : all.per_layer),
                                           at.output_on_gpu ? 0 : all.output});
  const double gpu = on_gpu.masks + std::max({on_gpu.layer, first_on_gpu ? all.per_layer : 0,
                                              at.output_on_gpu ? all.output : 0});
  const std::string basis = "the shapes of the model, computed as llama.cpp does";
  memory.compute_min = split(kLow * ram, kLow * gpu, basis);
  memory.compute_max = split(kHigh * ram, kHigh * gpu, basis);
  if (all.per_layer > 0 && at.output_on_gpu && !first_on_gpu)
    memory.compute_min.gpu = memory.compute_max.gpu =
        unknown("what later layers take of what a token has for each layer is not known here");
}

struct Sum {
  double bytes = 0;
  std::string unknown;  // why; empty: it is known

  Sum& add(const Sourced<std::int64_t>& part) {
    if (part)
      bytes += static_cast<double>(part.value);
    else if (unknown.empty())
      unknown = part.basis;
    return *this;
  }
};

}  // namespace

Sourced<std::int64_t> SplitBytes::whole() const {
  if (!ram || !gpu) return ram ? gpu : ram;
  return {ram.value + gpu.value, ram.source, ram.basis};
}

SplitBytes GgufMemory::total() const {
  const auto of = [&](Sourced<std::int64_t> SplitBytes::*side) {
    const Sum kept = Sum().add(weights.*side).add(cache.*side).add(state.*side);
    if (!kept.unknown.empty()) return unknown(kept.unknown);
    const Sum besides = Sum().add(output.*side).add(compute_max.*side);
    return estimated_bytes(
        kept.bytes + besides.bytes,
        besides.unknown.empty()
            ? "the model's file: its weights, its context and, at most, its compute buffers"
            : "the model's file: its weights and its context; compute buffers come on top (" +
                  besides.unknown + ")");
  };
  return {of(&SplitBytes::ram), of(&SplitBytes::gpu)};
}

GgufMemory estimate_memory(const GgufModel& model, const GgufLoad& load) {
  const Placement at = place(model, load);
  GgufMemory memory;
  memory.weights = weights_of(model, at);
  const LayerRange none{0, 0}, all{0, model.layers.value_or(0)};
  const bool on_gpu = load.offload_cache;
  memory.cache = {kv_cache_bytes(model, load, on_gpu ? at.ram : all),
                  kv_cache_bytes(model, load, on_gpu ? at.gpu : none)};
  memory.state = {state_bytes(model, load, on_gpu ? at.ram : all),
                  state_bytes(model, load, on_gpu ? at.gpu : none)};
  memory.output = output_of(model, load);
  estimate_compute(model, load, at, memory);
  return memory;
}

}  // namespace tachikoma::base
