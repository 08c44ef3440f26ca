// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// How many bytes at the start of `text` stand for themselves inside a JSON string. If one of them is not
/// ASCII, `bits` gets a high bit in one of its bytes.
inline std::size_t plain_run(std::string_view text, std::uint64_t& bits) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::size_t size = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; text.size() - size >= sizeof(std::uint64_t); size += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + size, sizeof word);
      // its high bit is set in each special byte, and perhaps in bytes after the first of them: a quote is
      // two above a blank, which swaps places with it
      const std::uint64_t special =
          (((word ^ 2 * kOnes) - 0x21 * kOnes) | ((word ^ '\\' * kOnes) - kOnes)) & ~word & 0x80 * kOnes;
      if (special) {
        bits |= word & (special ^ (special - 1)) >> 8;  // of the bytes before it
        return size + static_cast<std::size_t>(std::countr_zero(special)) / 8;
      }
      bits |= word;
    }
  }
  const auto stands_for_itself = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  };
  for (; size < text.size() && stands_for_itself(text[size]); ++size)
    bits |= static_cast<unsigned char>(text[size]);
  return size;
}
inline std::size_t plain_run(std::string_view text) {
  std::uint64_t bits = 0;
  return plain_run(text, bits);
}
/// True if those bits are of ASCII alone.
inline bool is_ascii(std::uint64_t bits) { return (bits & 0x8080808080808080) == 0; }

/// The size of the JSON value with which `text` starts. Only its end is looked for: npos if that is not
/// certain, and for values with line ends.
std::size_t value_size(std::string_view text);

/// Appends the content of a JSON string, given the text after its first quote, to `out`. Returns the size of
/// that text up to the other quote, or all of it; npos if it is invalid, or valid only for a lenient reader:
/// then `out` has a part of it.
std::size_t append_unescaped(std::string& out, std::string_view text);

/// Appends the character that the first `digits` of `text` are the hexadecimal number of; with four, a
/// "\uXXXX" behind them is the other half of a surrogate pair. Half a pair, and a number of no character, is
/// U+FFFD. Returns how much of `text` was read; 0: those are not all digits.
std::size_t append_numbered_character(std::string& out, std::string_view text, std::size_t digits);

}  // namespace tachikoma::kit
