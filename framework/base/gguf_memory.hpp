// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/gguf.hpp"
#include "base/gguf_load.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// Bytes in RAM and on GPUs; without a source, and with the reason, if they are not known.
struct SplitBytes {
  Sourced<std::int64_t> ram{}, gpu{};
  /// Of both; unknown if one is.
  Sourced<std::int64_t> whole() const;
};

/// The memory of a loaded model, by what it is for: what llama.cpp's log calls buffers. A GPU's driver and
/// libraries take some more.
struct GgufMemory {
  SplitBytes weights;
  SplitBytes cache;   ///< keys and values
  SplitBytes state;   ///< of recurrent layers
  SplitBytes output;  ///< for the results
  /// For intermediate results: between these, whose second is at most twice the first.
  SplitBytes compute_min, compute_max;

  /// The sum, with the upper end of the compute buffers; unknown, with the reason, if the weights or what is
  /// kept of a context is. Its basis says if the rest is missing.
  SplitBytes total() const;
};

/// Estimates the memory of a load. Needs no file and takes microseconds.
GgufMemory estimate_memory(const GgufModel& model, const GgufLoad& load);

}  // namespace tachikoma::base
