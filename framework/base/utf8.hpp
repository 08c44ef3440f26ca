// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tachikoma::base {

/// U+FFFD, the replacement for bytes that are not UTF-8.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// What some programs write in front of a text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Length of the valid UTF-8 sequence at the start of `bytes` (1 to 4), or 0 when there is none.
std::size_t utf8_sequence_length(std::string_view bytes);

/// True when all of `text` is valid UTF-8.
bool is_utf8(std::string_view text);

/// False for the second and each further byte of a character.
constexpr bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

/// How many characters `text` has, which is valid UTF-8.
std::size_t count_characters(std::string_view text);

/// The first bytes of `text`, at most `limit`, cut between characters.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

/// `text` with every maximal invalid run of one sequence replaced by U+FFFD (Unicode's practice).
std::string repair_utf8(std::string_view text);

/// Repairs text that arrives in pieces: a character cut by a piece's edge is held back until the rest
/// of it comes, and bytes that can't be UTF-8 become U+FFFD without harming what follows. The two halves of a
/// surrogate pair, each written as the code point U+110000 + (half - 0xD800), become the character that they
/// stand for.
class Utf8Repairer {
 public:
  /// The valid text that is complete after `piece`. The view lives until the next call; it points into
  /// `piece` itself where nothing needed a repair.
  std::string_view push(std::string_view piece);
  /// What is still held back, repaired; call at the end.
  std::string_view finish();
  /// True while the start of a character is held back. If not, a piece of ASCII need not be pushed.
  bool holds_some() const { return !held_.empty(); }

 private:
  std::string held_;  // the start of a character, at most seven bytes
  std::string out_;
};

}  // namespace tachikoma::base
