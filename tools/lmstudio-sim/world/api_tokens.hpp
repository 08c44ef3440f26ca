// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "openai/wire_errors.hpp"
#include "script.hpp"

namespace lmstudio_sim {

/// sk-lm-<8 letters or digits>:<20 letters or digits>
bool has_token_form(std::string_view token);

/// Why the server refuses this token; nothing when it takes it.
std::optional<WireError> check_token(const Script& script, std::string_view token);

/// Why a token that the server takes is not enough for a request.
std::optional<WireError> check_permission(const Script& script, std::string_view token,
                                          std::string_view method, std::string_view path);

}  // namespace lmstudio_sim
