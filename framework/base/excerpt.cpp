// SPDX-License-Identifier: MIT
#include "base/excerpt.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

constexpr std::string_view kEscapePicture = "\xE2\x90\x9B";  // U+241B

// Most text is of these characters alone.
bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F;
}

// `text`, repaired, with what `replacement` gives for each character that is not shown as itself.
template <class Replacement>
std::string shown(std::string_view text, const Replacement& replacement) {
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  const std::string valid = repair_utf8(text);
  std::string_view rest = valid;
  std::string out;
  out.reserve(valid.size());
  while (!rest.empty()) {
    const std::size_t unsafe = control_length(rest);
    const std::size_t length = unsafe ? unsafe : utf8_sequence_length(rest);
    out += unsafe ? replacement(rest.substr(0, unsafe)) : rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::size_t control_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;            // C0, and DEL
  if (byte(0) == 0xC2 && (byte(1) & 0xE0) == 0x80) return 2;  // U+0080 to U+009F: C1, whose U+009B is ESC [
  if (byte(0) != 0xE2) return 0;
  const bool lines =
      byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9);  // U+2028, U+2029: ends of lines
  const bool embedding = byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE;  // U+202A to U+202E, and
  const bool isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;  // U+2066 to U+2069: UAX #9, 2
  return lines || embedding || isolate ? 3 : 0;
}

std::string excerpt(std::string_view text, std::size_t limit) {
  std::string out;
  bool blank = false;
  for (char c : shown(text.substr(0, limit + 4), [](std::string_view) { return " "; })) {
    if (c != ' ') out += c;
    if (c == ' ' && !blank && !out.empty()) out += ' ';
    blank = c == ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  const bool cut = out.size() > limit || text.size() > limit + 4;
  out.resize(utf8_prefix(out, limit).size());
  return cut ? out + "…" : out;
}

std::string printable(std::string_view text, std::size_t limit, char control) {
  const std::string replacement(1, control);
  std::string out =
      shown(utf8_prefix(text, limit), [&](std::string_view) -> std::string_view { return replacement; });
  return text.size() > limit ? out + "…" : out;
}

std::string visible(std::string_view text) {
  return shown(text, [](std::string_view control) -> std::string_view {
    if (control == "\n" || control == "\t") return control;
    if (control == "\r") return "";  // it would let later text cover earlier text
    return control == "\x1b" || control.size() == 2 ? kEscapePicture : kReplacementCharacter;
  });
}

}  // namespace tachikoma::base
