// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Each setting from `over` where it is present, else from `under`; `extra` member by member.
GenerationSettings merged(const GenerationSettings& over, const GenerationSettings& under);

/// Fails with `invalid_argument` on a request that no provider could answer: no messages, a setting out
/// of its range, a tool turn without the call it answers.
Status check_request(const TextRequest& request);

}  // namespace tachikoma
