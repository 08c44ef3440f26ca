// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::base {

/// Appends `bytes` in base64 with padding (RFC 4648, section 4).
void append_base64(std::string& out, std::string_view bytes);

/// Decodes `text`. Strict: nullopt unless it is exactly what an encoder writes, without blanks or line
/// breaks, with full padding, and with unused bits zero.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace tachikoma::base
