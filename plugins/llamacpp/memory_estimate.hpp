// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "base/gguf.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::llamacpp {

/// What else counts for the memory of a load.
struct EstimateFacts {
  std::string_view build = {};                 ///< of llama-server, as it names itself; empty: a recent one
  const base::GgufModel* projector = nullptr;  ///< null: there is none
  bool more_options = false;                   ///< it is started with options that are not looked at here
};

/// Estimates the memory of a load from the model's file: its weights, its context and, as a range, its
/// compute buffers. It costs little once the file is read.
MemoryEstimate estimate_memory(const base::GgufModel& model, const LoadSettings& settings,
                               const EstimateFacts& facts = {});

}  // namespace tachikoma::llamacpp
