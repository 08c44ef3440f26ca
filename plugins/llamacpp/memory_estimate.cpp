// SPDX-License-Identifier: MIT
#include "llamacpp/memory_estimate.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "base/gguf_memory.hpp"
#include "base/kv_cache.hpp"
#include "base/sourced.hpp"

namespace tachikoma::llamacpp {
namespace {

// Since then a build reserves room for the scores of the last token of each request only (llama.cpp's pull
// request 23861, of June 2026).
constexpr std::int64_t kScoresLastOnly = 9500;

constexpr std::int64_t kFirstNumber = 1000;  // of builds that have GGUF; a smaller one is a version

// "0.7.0 (build 11669, commit Debian)", "4589 (eb7cf15a)", "b4589"
std::optional<std::int64_t> build_number(std::string_view build) {
  constexpr std::string_view kWord = "build ";
  if (const std::size_t at = build.find(kWord); at != std::string_view::npos)
    build.remove_prefix(at + kWord.size());
  const std::size_t digits = build.find_first_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = build.data() + build.size();
  const auto [stop, failure] = std::from_chars(build.data() + digits, end, number);
  const bool whole = failure == std::errc() && (stop == end || (*stop != '.' && *stop != '-'));
  return whole && number >= kFirstNumber ? std::optional(number) : std::nullopt;
}

std::int64_t layers_of(const GpuLayers& layers, const base::GgufModel& model) {
  const std::int64_t all = model.layers.value_or(0) + 1;  // the output counts as one
  if (layers.kind == GpuLayers::Kind::all) return all;
  if (layers.kind == GpuLayers::Kind::count) return layers.count;
  return std::llround(layers.ratio * static_cast<double>(all));
}

base::GgufLoad load_of(const base::GgufModel& model, const LoadSettings& settings, std::string_view build) {
  base::GgufLoad load;
  load.context = settings.context_length.value_or(load.context);
  if (settings.cache_type_k) load.cache_type_k = *settings.cache_type_k;
  if (settings.cache_type_v) load.cache_type_v = *settings.cache_type_v;
  load.batch = settings.batch_size.value_or(load.batch);
  load.micro_batch = settings.micro_batch_size.value_or(load.micro_batch);
  load.sequences = settings.parallel.value_or(load.sequences);
  load.flash_attention = settings.flash_attention != FlashAttention::off;
  load.offload_cache = settings.offload_kqv.value_or(load.offload_cache);
  load.experts_used = settings.experts.value_or(load.experts_used);
  load.scores_every_token = build_number(build).value_or(kScoresLastOnly) < kScoresLastOnly;
  if (settings.gpu_layers) load.gpu_layers = layers_of(*settings.gpu_layers, model);
  return load;
}

// Of a projector only the weights are known: what it computes with depends on what it is shown.
Sourced<std::int64_t> projector_bytes(const base::GgufModel* projector) {
  if (!projector) return {0, Source::estimated, "there is no projector"};
  const bool known = projector->tensors.count > 0 && projector->tensors.unknown_types.empty();
  return base::estimated_bytes(static_cast<double>(known ? projector->tensors.bytes : projector->size_bytes),
                               known ? "the sizes of its tensors" : "the size of its file");
}

void add(const Sourced<std::int64_t>& more, Sourced<std::int64_t>& sum) {
  if (sum && more) sum.value += more.value;
}

Sourced<std::int64_t> in_both(const base::SplitBytes& a, const base::SplitBytes& b) {
  Sourced<std::int64_t> sum = a.whole();
  const Sourced<std::int64_t> other = b.whole();
  if (sum && !other) return other;
  add(other, sum);
  return sum;
}

}  // namespace

MemoryEstimate estimate_memory(const base::GgufModel& model, const LoadSettings& settings,
                               const EstimateFacts& facts) {
  const base::GgufLoad load = load_of(model, settings, facts.build);
  const base::GgufMemory memory = base::estimate_memory(model, load);
  const base::SplitBytes total = memory.total();
  MemoryEstimate estimate{.total_bytes = total.whole(),
                          .model_bytes = memory.weights.whole(),
                          .context_bytes = in_both(memory.cache, memory.state),
                          .projector_bytes = projector_bytes(facts.projector),
                          .compute_min_bytes = memory.compute_min.whole(),
                          .compute_max_bytes = memory.compute_max.whole()};
  add(estimate.projector_bytes, estimate.total_bytes);
  if (settings.gpu_layers) {
    estimate.vram_bytes = total.gpu;
    if (load.gpu_layers > 0) add(estimate.projector_bytes, estimate.vram_bytes);
  } else {
    estimate.vram_bytes =
        base::unknown("n_gpu_layers is not set, so llama.cpp decides it when it loads the model");
  }
  const bool all_known = estimate.total_bytes && estimate.compute_max_bytes && !facts.more_options;
  estimate.confidence = all_known && settings.extra.members().empty() ? "high" : "low";
  return estimate;
}

}  // namespace tachikoma::llamacpp
