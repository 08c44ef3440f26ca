// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tachikoma::kit {

/// `text` with each byte that is not UTF-8 replaced by a private character (U+10FE80 to U+10FEFF), so that a
/// strict parser takes it and the byte can be brought back afterwards: a character that a server cut
/// in two is whole again once both of its chunks are here.
std::string mark_invalid_bytes(std::string_view text);
/// Undoes `mark_invalid_bytes`.
std::string restore_invalid_bytes(std::string_view text);

/// The content of a JSON string that starts at `token`'s quote, taking what strict parsers refuse: half a
/// surrogate pair and unknown escapes become U+FFFD.
std::string unescape_leniently(std::string_view token);

/// Appends the content of a JSON string, `text` being all that lies between its quotes, to `out`. False when
/// `text` is no such thing, or only to a lenient reader: then `out` holds a part of it.
bool append_unescaped(std::string& out, std::string_view text);

}  // namespace tachikoma::kit
