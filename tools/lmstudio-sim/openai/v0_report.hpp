// SPDX-License-Identifier: MIT
#pragma once

#include "model/generated_answer.hpp"
#include "openai/call.hpp"

namespace lmstudio_sim {

/// What a body of /api/v0 has over that of /v1: the model, what runs it, and for a generation its statistics.
/// Leaves the body of another route as it is.
void add_v0_report(JsonValue& body, const Call& call, const Served& served,
                   const Generation* generation = nullptr);

}  // namespace lmstudio_sim
