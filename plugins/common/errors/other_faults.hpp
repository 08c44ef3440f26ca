// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/errors/fault_phrase.hpp"

namespace tachikoma::kit {

/// The error phrases of other servers: Ollama, vLLM, SGLang, TGI, llama-cpp-python, TabbyAPI, hosted
/// services.
std::span<const FaultPhrase> other_faults();

}  // namespace tachikoma::kit
