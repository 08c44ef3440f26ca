// SPDX-License-Identifier: MIT
#pragma once

#include "base/gguf.hpp"
#include "llamacpp/engine_log.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::llamacpp {

/// The context that the engine made, according to its log.
Sourced<std::int64_t> context_of(const EngineLog& log);

/// Enters what is in effect by the engine's log, and every setting that is not in effect as asked.
void read_effective(const EngineLog& log, const LoadSettings& asked, LoadedModel& model);

/// What the log of a loaded model says: context, layers, memory.
ModelStatus status_from_log(const EngineLog& log, const base::GgufModel& model);

/// What a load would take, from the model's file: its weights and its context. What computing takes is not
/// known before.
MemoryEstimate estimate_memory(const base::GgufModel& model, const LoadSettings& settings);

}  // namespace tachikoma::llamacpp
