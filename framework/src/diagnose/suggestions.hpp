// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "models/load_advice.hpp"
#include "tachikoma/diagnosis.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::diagnose {

/// The facts about a measured model. What is unknown is absent, or has no source.
struct SpeedFacts {
  Sourced<double> tokens_per_second{};
  Sourced<double> prompt_tokens_per_second{};
  ModelInfo model = {};
  ModelStatus status = {};
  MemoryEstimate memory = {};  ///< of the model as it is loaded
  Hardware hardware = {};
  models::LoadedBy loaded_by = models::LoadedBy::command;
};

/// Below this generation speed, suggestions are made.
inline constexpr double kSlow = 10;  // tokens per second

/// Suggestions that would make a slow model faster, each only with evidence. Empty for a model that is not
/// slow, or whose speed is unknown.
std::vector<Finding> suggest(const SpeedFacts& facts);

/// The bits per weight of a quantization, by its name: 4 for "Q4_K_M", 16 for "F16".
std::optional<int> bits_of(std::string_view quantization);

}  // namespace tachikoma::diagnose
