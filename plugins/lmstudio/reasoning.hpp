// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::lmstudio {

/// A reasoning effort, for LM Studio's chat completions.
struct Effort {
  std::string value;   ///< empty: it is left out
  std::string notice;  ///< for the user; empty if it is delivered as requested
};

/// The value to send to `model` for the requested effort. LM Studio ignores one that a model does not accept,
/// and says so in its own log only.
Effort choose_effort(ReasoningEffort asked, const ModelInfo& model);

/// The same for a model on which LM Studio has no information.
Effort send_unchecked(ReasoningEffort asked, std::string_view model);

}  // namespace tachikoma::lmstudio
