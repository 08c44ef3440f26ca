// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/gguf.hpp"
#include "base/gguf_load.hpp"
#include "base/kv_cache.hpp"

namespace tachikoma::base {

/// The buffers for intermediate results that llama.cpp reserves, in bytes, as its own allocator would lay
/// them out: what is live at the worst moment of a micro batch. Compared with llama.cpp's build 11669, on
/// a CPU and over RPC, for a hundred models of thirty architectures, whose buffers were within a quarter of
/// it.
struct ComputeNeed {
  double masks = 0;         ///< which token sees which, for those layers
  double layer = 0;         ///< of the greediest of those layers
  double input = 0;         ///< of the vectors of the tokens
  double per_layer = 0;     ///< of what a token has for each layer, where the first one is
  double output = 0;        ///< of the scores
  std::string reason = {};  ///< why it is not known; empty: it is
};
ComputeNeed compute_need(const GgufModel& model, const GgufLoad& load, LayerRange layers);

}  // namespace tachikoma::base
