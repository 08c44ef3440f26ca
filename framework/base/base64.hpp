// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::base {

/// Appends `bytes` in base64 with padding (RFC 4648, section 4).
void append_base64(std::string& out, std::string_view bytes);

/// What `text` encodes. Nothing when it is not exactly what an encoder writes: no blanks, no line breaks,
/// whole padding, no bits that stand for nothing.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace tachikoma::base
