// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "world/script.hpp"

namespace lmstudio_sim {

/// sk-lm-<8 letters or digits>:<20 letters or digits>
bool has_token_form(std::string_view token);

/// LM Studio's message for a request without a token.
inline constexpr std::string_view kTokenMissing =
    "An LM Studio API token is required to make requests to this server. Provide it in the Authorization "
    "header as 'Bearer <token>'.";

/// Why the server refuses this token, in LM Studio's words; nothing when it accepts it.
std::optional<std::string> refuse_token(const Script& script, std::string_view token);

/// True when a token that the server accepts allows what needs this permission.
bool is_allowed(const Script& script, std::string_view token, Permission needed);

}  // namespace lmstudio_sim
