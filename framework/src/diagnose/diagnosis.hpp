// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>

#include "api/runtime_parts.hpp"
#include "tachikoma/diagnosis.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Looks at one provider of `core`, from the way to its server to the speed of its model, and stops where a
/// fault hides the rest. Fails with `cancelled` alone.
Result<Diagnosis> diagnose(std::shared_ptr<RuntimeCore> core, const ProviderSlot& slot,
                           const DiagnosisOptions& options, std::stop_token stop);

}  // namespace tachikoma
