// SPDX-License-Identifier: MIT
#include "base/compute_buffers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/kv_cache.hpp"
#include "base/sliding_window.hpp"

namespace tachikoma::base {
namespace {

constexpr double kNumber = 4;  // bytes: intermediate results have 32 bits

double number(const std::optional<std::int64_t>& said) { return static_cast<double>(said.value_or(0)); }

class Need {
 public:
  Need(const GgufModel& model, const GgufLoad& load, const CacheShape& shape, LayerRange layers)
      : model_(model), load_(load), shape_(shape), layers_(layers), width_(number(model.embedding_length)) {
    for (std::int64_t layer = layers.first; layer < layers.end; ++layer)
      if (attends(layer)) (slides(model, layer) ? windowed_ : whole_) = true;
  }

  ComputeNeed all() const {
    const double vector = static_cast<double>(shape_.micro_batch) * kNumber;
    const auto per_layer = static_cast<double>(model_.tensors.per_layer_embedding);
    ComputeNeed need{.masks = masks(), .input = (4 * width_ + per_layer) * vector};
    if (per_layer > 0) need.per_layer = (4 * width_ + 3 * per_layer) * vector;
    double most = std::max(attention(), feed_forward());
    for (std::int64_t layer = layers_.first; layer < layers_.end; ++layer)
      if (state(layer) == GgufState::rwkv)
        need.reason = "the compute buffers of RWKV models are not known here";
      else
        most = std::max(most, recurrence(state(layer)));
    need.layer = most * vector + states();
    need.output = outputs() * static_cast<double>(model_.tensors.vocabulary) * kNumber;
    return need;
  }

 private:
  GgufState state(std::int64_t layer) const { return state_of(model_, layer); }
  bool attends(std::int64_t layer) const {
    return model_.is_encoder() ? heads_of(model_, layer) > 0 : has_cache(model_, layer);
  }

  // Numbers for each of `tokens` that one token may see, in the cache or, without one, in the micro batch.
  double seen(bool window) const {
    if (model_.is_encoder()) return static_cast<double>(shape_.micro_batch);
    return static_cast<double>(window ? shape_.window_tokens : shape_.tokens);
  }

  double masks() const {
    const double bytes = load_.flash_attention ? 2 : kNumber;
    const double all = (whole_ ? seen(false) : 0) + (windowed_ ? seen(true) : 0);
    return all * static_cast<double>(shape_.micro_batch) * bytes;
  }

  // Of the layer with the most. The vector of a token and what is made of it: normed, queries (before and
  // behind their rotation), keys, values; without flash attention also a score for each token that is seen.
  double attention() const {
    double most = 0;
    for (std::int64_t layer = layers_.first; layer < layers_.end; ++layer) {
      if (!attends(layer)) continue;
      const auto heads = static_cast<double>(heads_of(model_, layer));
      const auto kv_heads = static_cast<double>(kv_heads_of(model_, layer));
      const double key = number(key_length_of(model_, layer)), value = number(value_length_of(model_, layer));
      double numbers = model_.latent_key_length ? heads * (key + value + 2 * number(model_.latent_key_length))
                                                : 2 * heads * key + kv_heads * (key + value);
      if (!load_.flash_attention) numbers += heads * seen(slides(model_, layer));
      most = std::max(most, 4 * width_ + numbers);
    }
    return most;
  }

  // The last layer computes it for the tokens alone whose scores are wanted, and if it is one layer that
  // computes it for all, no gap is left between the buffers.
  double feed_forward() const {
    const bool trims = !model_.is_encoder() && !load_.scores_every_token;
    const std::int64_t last = model_.layers.value_or(0) - model_.prediction_layers.value_or(0);
    const std::int64_t whole = std::min(layers_.end, last - (trims ? 1 : 0)) - layers_.first;
    if (whole < 1) return 0;
    const double around = whole == 1 && trims ? 3 : 5;
    const double copies = model_.tensors.gated() ? 3 : 1;
    const double used =
        load_.experts_used > 0 ? static_cast<double>(load_.experts_used) : number(model_.experts_used);
    const double of_experts = used * static_cast<double>(model_.tensors.expert_feed_forward);
    return std::max({around * width_ + copies * static_cast<double>(model_.tensors.feed_forward),
                     of_experts > 0 ? around * width_ + copies * of_experts : 0,
                     of_experts > 0 ? 3 * width_ + 2 * used * width_ : 0});
  }

  double recurrence(GgufState state) const {
    const double inner = number(model_.state_inner), groups = number(model_.state_groups),
                 size = number(model_.state_size), convolved = inner + 2 * groups * size;
    switch (state) {
      case GgufState::convolution: return 9 * width_;
      case GgufState::mamba: return width_ + 7 * inner;
      case GgufState::mamba2:
        return 2 * width_ + (inner + convolved + number(model_.state_heads)) + 2 * convolved + 2 * inner;
      case GgufState::delta_net: return 3 * width_ + 2 * convolved + inner;
      default: return 0;
    }
  }

  // A layer works on a copy of the state of all sequences.
  double states() const {
    double copies = 0;
    for (std::int64_t layer = layers_.first; layer < layers_.end; ++layer)
      copies = std::max(copies, copies_in(state(layer)));
    return copies * number(model_.state_inner) * number(model_.state_size) *
           static_cast<double>(load_.sequences) * kNumber;
  }
  static double copies_in(GgufState state) {
    if (state == GgufState::mamba2) return 1.5;
    return state == GgufState::mamba || state == GgufState::delta_net ? 1 : 0;
  }

  double outputs() const {
    if (model_.is_embedding() || model_.is_reranker()) return 0;
    return static_cast<double>(load_.scores_every_token ? shape_.micro_batch
                                                        : std::min(load_.sequences, shape_.micro_batch));
  }

  const GgufModel& model_;
  const GgufLoad& load_;
  const CacheShape shape_;
  const LayerRange layers_;
  double width_;
  bool whole_ = false, windowed_ = false;
};

}  // namespace

ComputeNeed compute_need(const GgufModel& model, const GgufLoad& load, LayerRange layers) {
  const std::optional<CacheShape> shape = cache_shape(model, load);
  if (!shape) return {.reason = "neither the settings nor the model file say how long the context is"};
  if (!model.embedding_length || !model.layers)
    return {.reason = "the model file does not say how long its vectors are, or how many layers it has"};
  if (model.tensors.blocks.empty()) return {.reason = "the model file lists no tensors of its layers"};
  if (*model.layers > static_cast<std::int64_t>(kMostGgufBlocks))
    return {.reason = "the numbers of the model file can't be right"};
  return Need(model, load, *shape, layers).all();
}

}  // namespace tachikoma::base
