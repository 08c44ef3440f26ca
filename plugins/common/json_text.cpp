// SPDX-License-Identifier: MIT
#include "common/json_text.hpp"

#include <cstdint>
#include <optional>

#include "base/utf8.hpp"

namespace tachikoma::kit {
namespace {

// U+10FE80 + n is F4 8F BA 80+n (n < 64) or F4 8F BB 80+(n-64); n is the byte less 0x80
constexpr std::string_view kMarkStart = "\xF4\x8F";

void append_character(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The four hex digits after "\u" at the start of `text`.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  for (char c : text.substr(2, 4)) {
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    unit = unit * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
  }
  return unit;
}

// Appends the escape at the start of `text`; returns its length.
std::size_t append_escape(std::string& out, std::string_view text) {
  constexpr std::string_view kShort = "\"\\/bfnrt";
  constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
  if (const auto high = code_unit(text)) {
    const auto low = code_unit(text.substr(6));
    if (*high >= 0xD800 && *high < 0xDC00 && low && *low >= 0xDC00 && *low < 0xE000) {
      append_character(out, 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
      return 12;
    }
    if (*high >= 0xD800 && *high < 0xE000) {
      out += base::kReplacementCharacter;
    } else {
      append_character(out, *high);
    }
    return 6;
  }
  const std::size_t known = text.size() > 1 ? kShort.find(text[1]) : std::string_view::npos;
  out += known == std::string_view::npos ? base::kReplacementCharacter : kMeaning.substr(known, 1);
  return text.size() > 1 ? 2 : 1;
}

}  // namespace

std::string mark_invalid_bytes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = base::utf8_sequence_length(text);
    if (length) {
      out += text.substr(0, length);
    } else {
      const unsigned char low = static_cast<unsigned char>(text.front()) & 0x7F;
      out += kMarkStart;
      out += static_cast<char>(low < 64 ? 0xBA : 0xBB);
      out += static_cast<char>(0x80 | (low & 0x3F));
    }
    text.remove_prefix(length ? length : 1);
  }
  return out;
}

std::string restore_invalid_bytes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = text.find(kMarkStart);
    out += text.substr(0, mark);
    if (mark == std::string_view::npos) break;
    text.remove_prefix(mark);
    const unsigned char third = text.size() >= 4 ? static_cast<unsigned char>(text[2]) : 0;
    if (third == 0xBA || third == 0xBB) {
      const unsigned low = (third == 0xBB ? 64u : 0u) + (static_cast<unsigned char>(text[3]) & 0x3Fu);
      out += static_cast<char>(0x80u + low);
      text.remove_prefix(4);
    } else {
      out += text.substr(0, 2);
      text.remove_prefix(2);
    }
  }
  return out;
}

std::string unescape_leniently(std::string_view token) {
  std::string out;
  if (!token.empty()) token.remove_prefix(1);
  while (!token.empty() && token.front() != '"') {
    if (token.front() == '\\') {
      token.remove_prefix(append_escape(out, token));
    } else {
      out += token.front();
      token.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace tachikoma::kit
