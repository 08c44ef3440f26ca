// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "base/gguf.hpp"

namespace tachikoma::base {

/// How a model is loaded, as far as its memory depends on it. The defaults are those of llama.cpp's server.
struct GgufLoad {
  std::int64_t context = 0;  ///< tokens; 0: as trained
  std::string_view cache_type_k = "f16", cache_type_v = "f16";
  std::int64_t batch = 2048, micro_batch = 512;  ///< tokens
  std::int64_t sequences = 4;                    ///< simultaneous requests
  bool unified = true;                           ///< they share one cache
  bool flash_attention = true;                   ///< what "auto" becomes, but for a few devices
  bool full_window = false;                      ///< a cache of the whole context behind a sliding window too
  bool offload_cache = true;                     ///< the cache of a layer is where the layer is
  bool scores_every_token = false;  ///< builds before 9500: of each token of a micro batch, not of the last
  std::int64_t experts_used = 0;    ///< 0: as the file says
  std::int64_t gpu_layers = 0;      ///< the last ones; the output counts as one, and is the last
};

}  // namespace tachikoma::base
