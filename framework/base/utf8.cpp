// SPDX-License-Identifier: MIT
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <simdjson.h>

namespace tachikoma::base {
namespace {

constexpr std::size_t kShort = 32;  // below, simdjson's way takes longer

unsigned char byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

struct Sequence {
  std::size_t length;  // bytes that belong together: a whole character, or the invalid run to replace
  bool valid;
  bool truncated;  // valid so far, but the input ends inside it
};

// Half of a surrogate pair, as `U+110000 + (unit - 0xD800)`, which nothing else is written as.
bool is_half(std::string_view bytes) {
  return bytes.size() >= 4 && byte_at(bytes, 0) == 0xF4 && byte_at(bytes, 1) == 0x90 &&
         byte_at(bytes, 2) <= 0x9F && (byte_at(bytes, 2) & 0xC0) == 0x80 &&
         (byte_at(bytes, 3) & 0xC0) == 0x80;
}
bool is_first_half(std::string_view bytes) { return is_half(bytes) && byte_at(bytes, 2) < 0x90; }
bool is_second_half(std::string_view bytes) { return is_half(bytes) && byte_at(bytes, 2) >= 0x90; }

// Unicode table 3-7: the second byte's range depends on the first.
Sequence first_sequence(std::string_view bytes) {
  const unsigned char lead = byte_at(bytes, 0);
  if (lead < 0x80) return {1, true, false};
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (!length) return {1, false, false};
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return {i, false, true};
    const unsigned char byte = byte_at(bytes, i);
    const bool fits = i == 1 ? byte >= low && byte <= high : (byte & 0xC0) == 0x80;
    if (!fits) return {i, false, false};
  }
  return {length, true, false};
}

// The character that two halves at the start of `bytes` make.
std::string joined_halves(std::string_view bytes) {
  const auto half = [&](std::size_t at) {
    return static_cast<unsigned>((byte_at(bytes, at + 2) & 0x0F) << 6 | (byte_at(bytes, at + 3) & 0x3F));
  };
  const unsigned code = 0x10000 + (half(0) << 10) + half(4);
  return {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 0x3F)),
          static_cast<char>(0x80 | (code >> 6 & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
}

// True if `bytes`, all that there is, may become a half, or the second half may follow it.
bool awaits_half(std::string_view bytes) {
  constexpr std::string_view kLead = "\xF4\x90";
  if (bytes.size() < 4)
    return bytes.starts_with(kLead) && (bytes.size() < 3 || (byte_at(bytes, 2) & 0xE0) == 0x80);
  if (!is_first_half(bytes) || bytes.size() >= 8) return false;
  const std::string_view next = bytes.substr(4);
  return kLead.starts_with(next.substr(0, 2)) && (next.size() < 3 || (byte_at(next, 2) & 0xF0) == 0x90);
}

// Appends `bytes` repaired to `out`; returns how many bytes at the end are the start of a character.
std::size_t repair_into(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    if (awaits_half(bytes)) return bytes.size();
    if (is_half(bytes)) {
      const bool pair = is_first_half(bytes) && is_second_half(bytes.substr(4));
      out += pair ? joined_halves(bytes) : std::string(kReplacementCharacter);
      bytes.remove_prefix(pair ? 8 : 4);
      continue;
    }
    const Sequence sequence = first_sequence(bytes);
    if (sequence.truncated) return bytes.size();
    out += sequence.valid ? bytes.substr(0, sequence.length) : kReplacementCharacter;
    bytes.remove_prefix(sequence.length);
  }
  return 0;
}

template <class Word>
Word word_at(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The eight bytes there.
bool is_ascii(const char* bytes) { return (word_at<std::uint64_t>(bytes) & 0x8080808080808080) == 0; }

// Of four bytes or more, and not many, by words that may overlap.
bool is_short_ascii(std::string_view text) {
  const char* const last = text.data() + text.size();
  if (text.size() < sizeof(std::uint64_t))
    return ((word_at<std::uint32_t>(text.data()) | word_at<std::uint32_t>(last - sizeof(std::uint32_t))) &
            0x80808080) == 0;
  for (const char* at = text.data(); last - at > 8; at += 8)
    if (!is_ascii(at)) return false;
  return is_ascii(last - 8);
}

std::size_t valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t) && is_ascii(text.data() + at)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    if (byte_at(text, at) < 0x80) {
      ++at;
      continue;
    }
    const Sequence sequence = first_sequence(text.substr(at));
    if (!sequence.valid) break;
    at += sequence.length;
  }
  return at;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const Sequence sequence = first_sequence(bytes);
  return sequence.valid ? sequence.length : 0;
}

bool is_utf8(std::string_view text) {
  if (text.size() < kShort)
    return (text.size() >= sizeof(std::uint32_t) && is_short_ascii(text)) ||
           valid_prefix(text) == text.size();
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  // a character has four bytes at most: where none starts near by, this is no UTF-8
  while (end > 0 && limit - end < 3 && !starts_character(text[end])) --end;
  return text.substr(0, starts_character(text[end]) ? end : limit);
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  if (repair_into(out, text)) out += kReplacementCharacter;
  return out;
}

std::string_view Utf8Repairer::push(std::string_view piece) {
  if (held_.empty() && is_utf8(piece)) return piece;
  out_.clear();
  held_ += piece;
  const std::size_t kept = repair_into(out_, held_);
  held_.erase(0, held_.size() - kept);
  return out_;
}

std::string_view Utf8Repairer::finish() {
  const bool cut = !held_.empty();
  held_.clear();
  return cut ? kReplacementCharacter : std::string_view();
}

}  // namespace tachikoma::base
