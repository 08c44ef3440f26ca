// SPDX-License-Identifier: MIT
#include "base/kv_cache.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/sliding_window.hpp"
#include "base/sourced.hpp"

namespace tachikoma::base {
namespace {

constexpr std::int64_t kPadding = 256;  // tokens, llama.cpp's
constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;
constexpr double kMostBytes = 1e18;  // bytes; larger results come from a damaged file
constexpr double kStateNumber = 4;   // bytes: it is kept in 32 bits

// So many numbers take so many bytes.
struct CacheType {
  std::string_view name;
  std::int64_t numbers, bytes;
};
constexpr std::array<CacheType, 9> kTypes{{{"f32", 1, 4},
                                           {"f16", 1, 2},
                                           {"bf16", 1, 2},
                                           {"q8_0", 32, 34},
                                           {"q5_1", 32, 24},
                                           {"q5_0", 32, 22},
                                           {"q4_1", 32, 20},
                                           {"q4_0", 32, 18},
                                           {"iq4_nl", 32, 18}}};

// Gemma 3n's layers with a cache of their own, whatever the file says: llama.cpp, src/models/gemma3n.cpp.
constexpr std::int64_t kGemma3nOwners = 20;

// They make a text from noise, and keep nothing of it.
constexpr std::array<std::string_view, 4> kDiffusion{"dream", "llada", "llada-moe", "rnd1"};

const CacheType* type_named(std::string_view name) {
  const auto type =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const CacheType& each) { return each.name == name; });
  return type == kTypes.end() ? nullptr : &*type;
}

double row_bytes(const CacheType& type, double numbers) {
  return std::ceil(numbers / static_cast<double>(type.numbers)) * static_cast<double>(type.bytes);
}

std::int64_t padded(std::int64_t tokens) { return (tokens + kPadding - 1) / kPadding * kPadding; }

// The entry of a layer: one for all, or one for each.
std::int64_t entry(const std::vector<std::int64_t>& numbers, std::int64_t layer) {
  if (numbers.size() == 1) return numbers.front();
  const bool there = layer >= 0 && static_cast<std::size_t>(layer) < numbers.size();
  return there ? numbers[static_cast<std::size_t>(layer)] : 0;
}

// Tensors that are not listed can't tell that there is none.
bool computes_keys(const GgufModel& model, std::int64_t layer) {
  const auto at = static_cast<std::size_t>(layer);
  if (at >= model.tensors.blocks.size()) return model.tensors.blocks.empty();
  const GgufBlock& block = model.tensors.blocks[at];
  return block.attention && block.state != GgufState::delta_net && block.state != GgufState::rwkv;
}

// By all but its number of heads.
bool may_have_cache(const GgufModel& model, std::int64_t layer) {
  if (model.is_encoder() ||
      std::find(kDiffusion.begin(), kDiffusion.end(), model.architecture) != kDiffusion.end())
    return false;
  const std::int64_t without =
      std::max(model.shared_kv_layers.value_or(0), model.prediction_layers.value_or(0));
  const std::int64_t owners =
      model.architecture == "gemma3n" ? kGemma3nOwners : model.layers.value_or(0) - without;
  return layer < owners && computes_keys(model, layer);
}

bool says_heads(const GgufModel& model) {
  const std::vector<std::int64_t>& heads = model.kv_heads.empty() ? model.heads : model.kv_heads;
  return heads.size() == 1 || (model.layers && heads.size() == static_cast<std::size_t>(*model.layers));
}

std::optional<std::int64_t> head_length(const std::optional<std::int64_t>& said, const GgufModel& model) {
  if (said) return said;
  const std::int64_t heads = model.heads.empty() ? 0 : model.heads.front();
  if (!model.embedding_length || heads == 0) return std::nullopt;
  return *model.embedding_length / heads;
}

// The numbers of a state, of one sequence in one layer: llama-hparams.cpp, n_embd_r and n_embd_s. Nullopt if
// the file does not say one of its sizes.
std::optional<double> state_numbers(const GgufModel& model, GgufState state) {
  const auto number = [](const std::optional<std::int64_t>& said) { return static_cast<double>(*said); };
  switch (state) {
    case GgufState::none: return 0;
    case GgufState::rwkv:
      if (!model.embedding_length || !model.wkv_head_size) return std::nullopt;
      return number(model.embedding_length) *
             (static_cast<double>(model.token_shifts.value_or(2)) + number(model.wkv_head_size));
    case GgufState::convolution:
      if (!model.embedding_length || model.convolution_cache.value_or(0) == 0) return std::nullopt;
      return number(model.embedding_length) * (number(model.convolution_cache) - 1);
    default:
      if (!model.state_inner || !model.state_size || model.state_convolution.value_or(0) == 0)
        return std::nullopt;
      return (number(model.state_convolution) - 1) *
                 (number(model.state_inner) +
                  2 * static_cast<double>(model.state_groups.value_or(0)) * number(model.state_size)) +
             number(model.state_size) * number(model.state_inner);
  }
}

LayerRange all_layers(const GgufModel& model) { return {0, model.layers.value_or(0)}; }

std::string basis_of(const GgufModel& model, const GgufLoad& load) {
  std::string basis = "the attention heads that the model file names";
  const std::int64_t window = sliding_window(model);
  if (window > 0 && !load.full_window)
    basis += "; some of its layers look back " + std::to_string(window) + " tokens only";
  return basis;
}

}  // namespace

GgufState state_of(const GgufModel& model, std::int64_t layer) {
  const auto at = static_cast<std::size_t>(layer);
  return at < model.tensors.blocks.size() ? model.tensors.blocks[at].state : GgufState::none;
}

Sourced<std::int64_t> estimated_bytes(double bytes, std::string basis) {
  if (!(bytes >= 0 && bytes <= kMostBytes)) return unknown("the numbers of the model file can't be right");
  return {std::llround(bytes), Source::estimated, std::move(basis)};
}

std::optional<CacheShape> cache_shape(const GgufModel& model, const GgufLoad& load) {
  if (load.sequences < 1 || load.batch < 1 || load.micro_batch < 1 || load.context < 0) return std::nullopt;
  const std::int64_t streams = load.unified ? 1 : load.sequences;
  const std::int64_t context = load.context > 0 ? load.context : model.context_length.value_or(0);
  if (context < 1 || context > kMostTokens || load.sequences > kMostTokens / kPadding) return std::nullopt;
  CacheShape shape{.streams = streams};
  shape.tokens = load.context > 0 ? padded(padded(context) / streams) : padded(context);
  shape.micro_batch = std::min({context, load.batch, load.micro_batch});
  const std::int64_t window = std::min(sliding_window(model), kMostTokens);
  shape.window_tokens = shape.tokens;
  if (window > 0 && !load.full_window)
    shape.window_tokens = padded(static_cast<std::int64_t>(
        std::min(static_cast<double>(shape.tokens),
                 static_cast<double>(window) * static_cast<double>(load.unified ? load.sequences : 1) +
                     static_cast<double>(shape.micro_batch))));
  return shape;
}

std::int64_t heads_of(const GgufModel& model, std::int64_t layer) { return entry(model.heads, layer); }

std::int64_t kv_heads_of(const GgufModel& model, std::int64_t layer) {
  return entry(model.kv_heads.empty() ? model.heads : model.kv_heads, layer);
}

std::optional<std::int64_t> key_length_of(const GgufModel& model, std::int64_t layer) {
  if (model.sliding_key_length && slides(model, layer)) return model.sliding_key_length;
  return head_length(model.key_length, model);
}

std::optional<std::int64_t> value_length_of(const GgufModel& model, std::int64_t layer) {
  if (model.sliding_value_length && slides(model, layer)) return model.sliding_value_length;
  return head_length(model.value_length, model);
}

bool has_cache(const GgufModel& model, std::int64_t layer) {
  return may_have_cache(model, layer) && kv_heads_of(model, layer) > 0;
}

Sourced<std::int64_t> kv_cache_bytes(const GgufModel& model, const GgufLoad& load, LayerRange layers) {
  const CacheType* const key_type = type_named(load.cache_type_k);
  const CacheType* const value_type = type_named(load.cache_type_v);
  if (!key_type || !value_type)
    return unknown("the size of the cache type '" +
                   std::string(key_type ? load.cache_type_v : load.cache_type_k) + "' is not known");
  constexpr char kNoHeads[] = "the model file does not report its attention heads for each layer";
  if (!model.layers) return unknown(kNoHeads);
  if (*model.layers > static_cast<std::int64_t>(kMostGgufBlocks))
    return unknown("the numbers of the model file can't be right");
  const std::optional<CacheShape> shape = cache_shape(model, load);
  if (!shape) return unknown("neither the settings nor the model file say how long the context is");
  double bytes = 0;
  for (std::int64_t layer = layers.first; layer < layers.end; ++layer) {
    if (!may_have_cache(model, layer)) continue;
    if (!says_heads(model)) return unknown(kNoHeads);
    const auto key = key_length_of(model, layer), value = value_length_of(model, layer);
    if (!key || !value) return unknown("the model file does not say the length of an attention head");
    const auto heads = static_cast<double>(kv_heads_of(model, layer));
    double row = row_bytes(*key_type, heads * static_cast<double>(*key));
    // what a compressed key holds serves as the value too
    if (!model.latent_key_length) row += row_bytes(*value_type, heads * static_cast<double>(*value));
    const std::int64_t tokens = slides(model, layer) ? shape->window_tokens : shape->tokens;
    bytes += row * static_cast<double>(tokens) * static_cast<double>(shape->streams);
  }
  return estimated_bytes(bytes, basis_of(model, load));
}

Sourced<std::int64_t> kv_cache_bytes(const GgufModel& model, const GgufLoad& load) {
  return kv_cache_bytes(model, load, all_layers(model));
}

Sourced<std::int64_t> state_bytes(const GgufModel& model, const GgufLoad& load, LayerRange layers) {
  const auto blocks = static_cast<std::int64_t>(model.tensors.blocks.size());
  double numbers = 0;
  for (std::int64_t layer = std::max<std::int64_t>(layers.first, 0); layer < std::min(layers.end, blocks);
       ++layer) {
    const auto more = state_numbers(model, state_of(model, layer));
    if (!more) return unknown("the model file does not say the size of its recurrent state");
    numbers += *more;
  }
  return estimated_bytes(
      numbers * kStateNumber * static_cast<double>(std::max<std::int64_t>(load.sequences, 1)),
      "the sizes of its state that the model file names");
}

}  // namespace tachikoma::base
