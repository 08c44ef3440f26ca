// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tachikoma::kit {

/// Replaces each byte of `text` that is not UTF-8 by a private character (U+10FE80 to U+10FEFF), so that a
/// strict parser accepts it and the byte can be restored afterwards: a character that a server cut
/// in two is whole again once both of its chunks are here.
std::string mark_invalid_bytes(std::string_view text);
/// Undoes `mark_invalid_bytes`.
std::string restore_invalid_bytes(std::string_view text);

/// The content of a JSON string that starts at `token`'s quote, accepting what strict parsers reject: half a
/// surrogate pair becomes four bytes that are not UTF-8, which Utf8Repairer joins with the other half where
/// that comes in another chunk; unknown escapes become U+FFFD.
std::string unescape_leniently(std::string_view token);

/// Appends the content of a JSON string, given the text between its quotes, to `out`. False if
/// `text` is invalid, or valid only for a lenient reader: then `out` has a part of it.
bool append_unescaped(std::string& out, std::string_view text);

/// Appends the character that the first `digits` of `text` are the hexadecimal number of; with four, a
/// "\uXXXX" behind them is the other half of a surrogate pair. Half a pair, and a number of no character, is
/// U+FFFD. Returns how much of `text` was read; 0: those are not all digits.
std::size_t append_numbered_character(std::string& out, std::string_view text, std::size_t digits);

}  // namespace tachikoma::kit
