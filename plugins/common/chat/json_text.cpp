// SPDX-License-Identifier: MIT
#include "common/chat/json_text.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include "base/utf8.hpp"

namespace tachikoma::kit {
namespace {

// U+10FE80 + n is F4 8F BA 80+n (n < 64) or F4 8F BB 80+(n-64); n is the byte less 0x80
constexpr std::string_view kMarkStart = "\xF4\x8F";

constexpr std::size_t kDeepest = 64;

constexpr std::array<bool, 256> kOfNumbersAndWords = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("0123456789+-.aeflnrstuE"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// By what follows the backslash; zero: nothing.
constexpr std::array<char, 256> kShortEscapes = [] {
  std::array<char, 256> table{};
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    table[static_cast<unsigned char>(kLetters[i])] = kMeanings[i];
  return table;
}();

// The character that the two at the start of `text`, a backslash and another, stand for; zero: none.
char short_escape(std::string_view text) { return kShortEscapes[static_cast<unsigned char>(text[1])]; }

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

std::optional<std::uint32_t> hex_number(std::string_view text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  std::uint32_t number = 0;
  for (char c : text.substr(0, digits)) {
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
  }
  return number;
}

// The four hex digits after "\u" at the start of `text`.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  return text.starts_with("\\u") ? hex_number(text.substr(2), 4) : std::nullopt;
}

struct Escape {
  std::size_t length;
  std::optional<std::uint32_t> code;  // the code point; nullopt if invalid
  bool half = false;                  // of a surrogate pair
};

// `behind` is what follows the escape of that unit.
Escape read_unicode_escape(std::string_view behind, std::uint32_t unit) {
  if (unit < 0xD800 || unit >= 0xE000) return {6, unit};
  const auto low = unit < 0xDC00 ? code_unit(behind) : std::nullopt;
  if (!low || *low < 0xDC00 || *low >= 0xE000) return {6, 0x110000 + (unit - 0xD800), true};
  return {12, 0x10000 + ((unit - 0xD800) << 10) + (*low - 0xDC00)};
}

// The escape whose backslash starts `text`.
Escape read_escape(std::string_view text) {
  if (text.size() < 2) return {1, std::nullopt};
  if (const char meaning = short_escape(text)) return {2, static_cast<unsigned char>(meaning)};
  if (const auto unit = code_unit(text)) return read_unicode_escape(text.substr(6), *unit);
  return {2, std::nullopt};
}

// Its quotes included; npos without an end, or with a control character.
std::size_t string_size(std::string_view text) {
  for (std::size_t at = 1;; at += 2) {
    at += plain_run(text.substr(at));
    if (at < text.size() && text[at] == '"') return at + 1;
    if (at + 1 >= text.size() || text[at] != '\\' || static_cast<unsigned char>(text[at + 1]) < 0x20)
      return std::string_view::npos;
  }
}

// An object or a list.
std::size_t tree_size(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t size = string_size(text.substr(at));
      if (size == std::string_view::npos) break;
      at += size - 1;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) break;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return at + 1;
    } else if (c == '\\' || static_cast<unsigned char>(c) < 0x20) {
      break;
    }
  }
  return std::string_view::npos;
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
      const Escape escape = read_escape(token);
      if (escape.code) {
        append_character(out, *escape.code);
      } else {
        out += base::kReplacementCharacter;
      }
      token.remove_prefix(escape.length);
    } else {
      out += token.front();
      token.remove_prefix(1);
    }
  }
  return out;
}

std::size_t value_size(std::string_view text) {
  if (text.starts_with('"')) return string_size(text);
  if (text.starts_with('{') || text.starts_with('[')) return tree_size(text);
  std::size_t size = 0;
  while (size < text.size() && kOfNumbersAndWords[static_cast<unsigned char>(text[size])]) ++size;
  return size > 0 ? size : std::string_view::npos;
}

std::size_t append_numbered_character(std::string& out, std::string_view text, std::size_t digits) {
  const auto number = hex_number(text, digits);
  if (!number) return 0;
  Escape escape{digits, number};
  if (digits == 4) {
    escape = read_unicode_escape(text.substr(4), *number);
    escape.length -= 2;
  }
  const bool is_surrogate = *escape.code >= 0xD800 && *escape.code < 0xE000;
  if (escape.half || is_surrogate || *escape.code > 0x10FFFF)
    out += base::kReplacementCharacter;
  else
    append_character(out, *escape.code);
  return escape.length;
}

std::size_t append_unescaped(std::string& out, std::string_view text) {
  std::size_t at = 0;
  while (true) {
    const std::size_t run = plain_run(text.substr(at));
    out.append(text.substr(at, run));
    at += run;
    if (at == text.size() || text[at] == '"') return at;
    if (const char meaning = text[at] == '\\' && at + 1 < text.size() ? short_escape(text.substr(at)) : 0) {
      out += meaning;
      at += 2;
      continue;
    }
    const Escape escape = read_escape(text.substr(at));
    if (text[at] != '\\' || !escape.code || escape.half) return std::string_view::npos;
    append_character(out, *escape.code);
    at += escape.length;
  }
}

}  // namespace tachikoma::kit
