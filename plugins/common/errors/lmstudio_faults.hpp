// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/errors/fault_phrase.hpp"

// How LM Studio says what went wrong.
namespace tachikoma::kit {

std::span<const FaultPhrase> lmstudio_faults();

/// "requires approximately 63.2 GB" in bytes; nothing when the text names no amount.
std::optional<std::int64_t> required_bytes(std::string_view message);

/// The models that it counts up when it has not the one that was asked for: behind "e.g.," in brackets, or
/// behind "Your models:".
std::vector<std::string> listed_models(std::string_view message);

/// What a web page says: the first line of what stands in it as program output, which is how Express, its
/// HTTP server, writes errors. Empty when there is none.
std::string words_of_page(std::string_view page);

}  // namespace tachikoma::kit
