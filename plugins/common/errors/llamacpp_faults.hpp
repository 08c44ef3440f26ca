// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/errors/fault_phrase.hpp"

namespace tachikoma::kit {

/// The error phrases of llama.cpp's server, and of its engine, which other servers run as well.
std::span<const FaultPhrase> llamacpp_faults();

}  // namespace tachikoma::kit
