// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/gguf.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// The bytes of one number in a cache of that type: 2 for "f16". Nothing for a type that is not known.
std::optional<double> cache_element_bytes(std::string_view type);

/// The size of the keys and values of `context` tokens in bytes, on GPUs and in RAM together: an upper bound
/// if the model has a sliding window. Without a source, and with the reason, if the file does not say
/// enough.
Sourced<std::int64_t> kv_cache_bytes(const GgufModel& model, std::int64_t context,
                                     std::string_view type_k = "f16", std::string_view type_v = "f16");

}  // namespace tachikoma::base
