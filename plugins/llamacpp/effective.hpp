// SPDX-License-Identifier: MIT
#pragma once

#include "base/gguf.hpp"
#include "llamacpp/engine_log.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::llamacpp {

/// The context of the engine, according to its log.
Sourced<std::int64_t> context_of(const EngineLog& log);

/// Sets the settings in effect, from the engine's log, and every setting that is not in effect as requested.
void read_effective(const EngineLog& log, const LoadSettings& asked, LoadedModel& model);

/// The status of a loaded model, from its log: context, layers, memory.
ModelStatus status_from_log(const EngineLog& log, const base::GgufModel& model);

}  // namespace tachikoma::llamacpp
