// SPDX-License-Identifier: MIT
#pragma once

#include "model/generated_answer.hpp"
#include "openai/call.hpp"

namespace lmstudio_sim {

/// Adds what /api/v0 reports in addition to /v1: the model, its runtime, and the statistics of a generation.
/// Does nothing for other routes.
void add_v0_report(JsonValue& body, const Call& call, const Served& served,
                   const Generation* generation = nullptr);

}  // namespace lmstudio_sim
