// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "lmstudio/locator.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

/// What is wrong with the connection to LM Studio, its HTTP server, its list of models and its WebSocket, as
/// `SelfDiagnosis::examine` promises. docs/doctor.md has every finding.
Result<std::vector<Finding>> examine(const Locator& locator, const CallContext& context);

}  // namespace tachikoma::lmstudio
