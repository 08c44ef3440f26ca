// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::lmstudio {

/// A reasoning effort as LM Studio's chat completions take it.
struct Effort {
  std::string value;   ///< empty: it is left out
  std::string notice;  ///< what the user should know; empty when it is delivered as asked
};

/// What to send to `model` for the effort that was asked for. LM Studio skips what a model does not allow,
/// and says so in its own log only.
Effort choose_effort(ReasoningEffort asked, const ModelInfo& model);

/// The same for a model of which LM Studio says nothing.
Effort send_unchecked(ReasoningEffort asked, std::string_view model);

}  // namespace tachikoma::lmstudio
