// SPDX-License-Identifier: MIT
#include "base/kv_cache.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "base/sourced.hpp"

namespace tachikoma::base {
namespace {

// A block of 32 numbers, with its scales.
constexpr std::array<std::pair<std::string_view, double>, 9> kTypes{{{"f32", 4},
                                                                     {"f16", 2},
                                                                     {"bf16", 2},
                                                                     {"q8_0", 34 / 32.0},
                                                                     {"q5_1", 24 / 32.0},
                                                                     {"q5_0", 22 / 32.0},
                                                                     {"q4_1", 20 / 32.0},
                                                                     {"q4_0", 18 / 32.0},
                                                                     {"iq4_nl", 18 / 32.0}}};

constexpr double kMax = 1e18;  // bytes; larger results come from a damaged file

std::optional<double> head_length(const std::optional<std::int64_t>& said, const GgufModel& model) {
  if (said) return static_cast<double>(*said);
  if (!model.embedding_length || model.heads.empty() || model.heads.front() == 0) return std::nullopt;
  return static_cast<double>(*model.embedding_length / model.heads.front());
}

// The number of heads in all layers; nullopt if the file does not state it for each.
std::optional<double> head_sum(const GgufModel& model) {
  const std::vector<std::int64_t>& heads = model.kv_heads.empty() ? model.heads : model.kv_heads;
  if (heads.empty() || !model.layers) return std::nullopt;
  const auto layers = static_cast<double>(*model.layers);
  if (heads.size() == 1) return static_cast<double>(heads.front()) * layers;
  if (static_cast<double>(heads.size()) != layers) return std::nullopt;
  double sum = 0;
  for (const std::int64_t layer : heads) sum += static_cast<double>(layer);
  return sum;
}

}  // namespace

std::optional<double> cache_element_bytes(std::string_view type) {
  for (const auto& [name, bytes] : kTypes)
    if (name == type) return bytes;
  return std::nullopt;
}

Sourced<std::int64_t> kv_cache_bytes(const GgufModel& model, std::int64_t context, std::string_view type_k,
                                     std::string_view type_v) {
  const auto bytes_k = cache_element_bytes(type_k), bytes_v = cache_element_bytes(type_v);
  if (!bytes_k || !bytes_v)
    return unknown("the size of the cache type '" + std::string(bytes_k ? type_v : type_k) +
                   "' is not known");
  const auto heads = head_sum(model);
  const auto key = head_length(model.key_length, model), value = head_length(model.value_length, model);
  if (!heads) return unknown("the model file does not report its attention heads for each layer");
  if (!key || !value) return unknown("the model file does not say the length of an attention head");
  const double bytes = static_cast<double>(context) * *heads * (*key * *bytes_k + *value * *bytes_v);
  if (context < 0 || !(bytes <= kMax)) return unknown("the numbers of the model file can't be right");
  std::string basis = "the attention heads that the model file names";
  if (model.sliding_window.value_or(0) > 0)
    basis += "; at most, for some of its layers look back " + std::to_string(*model.sliding_window) +
             " tokens only";
  return {std::llround(bytes), Source::estimated, std::move(basis)};
}

}  // namespace tachikoma::base
