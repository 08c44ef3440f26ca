// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/errors/fault_phrase.hpp"

namespace tachikoma::kit {

/// The error phrases of OpenAI's API and similar services, and common ones.
std::span<const FaultPhrase> openai_faults();

}  // namespace tachikoma::kit
