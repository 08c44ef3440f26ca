// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/gguf.hpp"
#include "llamacpp/server_binary.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::llamacpp {

/// The command line for load settings.
struct LoadPlan {
  LoadSettings settings;  ///< what it is for
  std::vector<std::string> arguments;
  std::vector<UnappliedSetting> unapplied;  ///< known before the start
};

/// Translates `settings` for `model` to options of this build. Fails with `unsupported` for a setting without
/// an option, and `invalid_argument` for one that makes no sense for the model.
Result<LoadPlan> plan_load(const LoadSettings& settings, const base::GgufModel& model,
                           const ServerBinary& binary);

}  // namespace tachikoma::llamacpp
