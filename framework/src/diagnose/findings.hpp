// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/load_advice.hpp"
#include "tachikoma/diagnosis.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::diagnose {

/// An error as a finding; its hint is the fix.
Finding finding_of(std::string id, const Error& error, std::string evidence);

/// "not_found" as a part of an id: "not-found".
std::string dashed(std::string_view code);

/// The id of the finding for a failed generation.
std::string generation_finding(const Error& error);

/// A model in memory, and its configured settings.
struct LoadedFacts {
  const std::string& instance;
  const std::string& key;
  const ModelStatus& status;
  const LoadSettings& wanted;
  models::LoadedBy by;
};

/// A finding if the model was loaded with a smaller context than configured.
std::optional<Finding> smaller_context(const LoadedFacts& facts);
/// A finding if layers that are configured for a GPU are not on one: there is none, or it is too small.
std::optional<Finding> missing_gpu_layers(const LoadedFacts& facts);

}  // namespace tachikoma::diagnose
