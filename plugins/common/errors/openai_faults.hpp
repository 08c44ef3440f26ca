// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/errors/fault_phrase.hpp"

namespace tachikoma::kit {

/// How OpenAI's API and the services like it say what went wrong, and in plain words anybody.
std::span<const FaultPhrase> openai_faults();

}  // namespace tachikoma::kit
