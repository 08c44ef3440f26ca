// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/errors/fault_phrase.hpp"

// LM Studio's error phrases.
namespace tachikoma::kit {

std::span<const FaultPhrase> lmstudio_faults();

/// "requires approximately 63.2 GB" in bytes; nullopt if the text names no amount.
std::optional<std::int64_t> required_bytes(std::string_view message);

/// The models that it lists if it does not have the requested one: behind "e.g.," in brackets, or
/// behind "Your models:".
std::vector<std::string> listed_models(std::string_view message);

/// The error in a web page: its heading, as gateways have it, or the first line of its program output, which
/// is how Express, LM Studio's HTTP server, writes errors. Empty when there is none.
std::string words_of_page(std::string_view page);

}  // namespace tachikoma::kit
