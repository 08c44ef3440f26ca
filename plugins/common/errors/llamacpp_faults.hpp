// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/errors/fault_phrase.hpp"

namespace tachikoma::kit {

/// How llama.cpp's server says what went wrong; and its engine, which other servers run as well.
std::span<const FaultPhrase> llamacpp_faults();

}  // namespace tachikoma::kit
