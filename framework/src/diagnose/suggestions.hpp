// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "tachikoma/diagnosis.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::diagnose {

/// What is known of a model that was measured. What nobody knows is absent, or has no source.
struct SpeedFacts {
  Sourced<double> tokens_per_second{};
  Sourced<double> prompt_tokens_per_second{};
  ModelInfo model = {};
  ModelStatus status = {};
  MemoryEstimate memory = {};  ///< of the model as it is loaded
  Hardware hardware = {};
};

/// Generating slower than this is a reason to suggest something.
inline constexpr double kSlow = 10;  // tokens per second

/// What would make a slow model faster: each only where the evidence supports it. Nothing for one that is not
/// slow, or of which nobody knows.
std::vector<Finding> suggest(const SpeedFacts& facts);

/// How many bits a weight takes, by the name of a quantization: 4 of "Q4_K_M", 16 of "F16".
std::optional<int> bits_of(std::string_view quantization);

}  // namespace tachikoma::diagnose
