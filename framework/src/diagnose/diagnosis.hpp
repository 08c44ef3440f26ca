// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>

#include "calls/providers.hpp"
#include "generate/generator.hpp"
#include "models/model_registry.hpp"
#include "tachikoma/diagnosis.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::diagnose {

/// The parts of a runtime that a diagnosis needs.
struct Parts {
  const calls::Providers& providers;
  ModelRegistry::Impl& registry;
  const Generator& generator;
};

/// Examines one provider, from the connection to the speed of its model, and stops where a fault hides
/// the rest. Fails only with `cancelled`.
Result<Diagnosis> diagnose(const Parts& parts, const calls::ConfiguredProvider& provider,
                           const DiagnosisOptions& options, std::stop_token stop);

}  // namespace tachikoma::diagnose
