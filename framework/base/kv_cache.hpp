// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/gguf.hpp"
#include "base/gguf_load.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// The size of a cache of keys and values in tokens, as llama.cpp rounds it, and of what is computed at a
/// time.
struct CacheShape {
  std::int64_t streams = 1;        ///< parts, one for each sequence unless they share one
  std::int64_t tokens = 0;         ///< of a part
  std::int64_t window_tokens = 0;  ///< of a part, in layers with a sliding window
  std::int64_t micro_batch = 0;    ///< tokens that are computed together, at most
};
/// Nullopt if neither says how long the context is, or the numbers can't be right.
std::optional<CacheShape> cache_shape(const GgufModel& model, const GgufLoad& load);

/// Layers from the first to before the last.
struct LayerRange {
  std::int64_t first = 0, end = 0;
};

/// The keys and values that these layers keep, in bytes. Without a source, and with the reason, if the file
/// does not say enough.
Sourced<std::int64_t> kv_cache_bytes(const GgufModel& model, const GgufLoad& load, LayerRange layers);
/// The same of all layers.
Sourced<std::int64_t> kv_cache_bytes(const GgufModel& model, const GgufLoad& load);

/// What recurrent layers (Mamba and others) of these keep instead, likewise; it does not grow with the
/// context.
Sourced<std::int64_t> state_bytes(const GgufModel& model, const GgufLoad& load, LayerRange layers);

/// An estimate of so many bytes; unknown if no machine has them, because then the file is wrong.
Sourced<std::int64_t> estimated_bytes(double bytes, std::string basis);

/// What a layer keeps besides, by its tensors.
GgufState state_of(const GgufModel& model, std::int64_t layer);
/// True if a layer keeps keys and values of its own.
bool has_cache(const GgufModel& model, std::int64_t layer);
/// The attention heads of a layer that read, and those that are kept; 0: not stated.
std::int64_t heads_of(const GgufModel& model, std::int64_t layer);
std::int64_t kv_heads_of(const GgufModel& model, std::int64_t layer);
/// The length of a head's key and value; nullopt if neither stated nor to be derived.
std::optional<std::int64_t> key_length_of(const GgufModel& model, std::int64_t layer);
std::optional<std::int64_t> value_length_of(const GgufModel& model, std::int64_t layer);

}  // namespace tachikoma::base
