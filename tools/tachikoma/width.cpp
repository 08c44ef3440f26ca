// SPDX-License-Identifier: MIT
#include "width.hpp"

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <locale.h>

#include "base/utf8.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::string_view kEllipsis = "…";

// The C library's table is the one that terminals use, and is kept up to date with Unicode by others. It
// needs a UTF-8 locale; this one concerns a single thread for a single call.
class Utf8Locale {
 public:
  Utf8Locale() : before_(::uselocale(utf8())) {}
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t utf8() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }

  locale_t before_;
};

wchar_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return static_cast<wchar_t>(byte(0));
  unsigned value = byte(0) & (0xFFu >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i) value = value << 6 | (byte(i) & 0x3Fu);
  return static_cast<wchar_t>(value);
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7F; }

// In the locale that is set.
Character character_at(std::string_view text) {
  if (is_plain(text.front())) return {text.substr(0, 1), 1};
  const std::string_view first = text.substr(0, std::max<std::size_t>(base::utf8_sequence_length(text), 1));
  const int columns = ::wcwidth(code_point(first));
  return {first, columns > 0 ? static_cast<std::size_t>(columns) : 0};
}

// Where a line ends, and where the next begins.
struct Break {
  std::size_t end;
  std::size_t next;
};

Break after_blanks(std::string_view line, std::size_t end) {
  return {end, std::min(line.find_first_not_of(' ', end), line.size())};
}

Break break_of(std::string_view line, std::size_t room) {
  Break last{0, 0};
  std::size_t used = 0;
  bool indented = true, after_wide = false;
  for (std::size_t at = 0; at < line.size();) {
    const Character next = character_at(line.substr(at));
    const bool blank = next.text == " ";
    const bool overflows = used + next.columns > room;
    if (blank && !indented && (at == 0 || line[at - 1] != ' ')) last = after_blanks(line, at);
    if (overflows && blank && !indented) return last;
    if (!blank && !indented && line[at - 1] != ' ' && (next.columns > 1 || (after_wide && next.columns > 0)))
      last = {at, at};
    if (overflows)
      return last.end > 0 ? last : Break{std::max(at, next.text.size()), std::max(at, next.text.size())};
    indented = indented && blank;
    if (next.columns > 0) after_wide = next.columns > 1;
    used += next.columns;
    at += next.text.size();
  }
  return {line.size(), line.size()};
}

}  // namespace

Character first_character(std::string_view text) {
  const Utf8Locale locale;
  return character_at(text);
}

std::size_t columns_of(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_plain)) return text.size();
  const Utf8Locale locale;
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character next = character_at(text);
    columns += next.columns;
    text.remove_prefix(next.text.size());
  }
  return columns;
}

std::string_view fitting(std::string_view text, std::size_t columns) {
  const Utf8Locale locale;
  std::size_t at = 0;
  while (at < text.size()) {
    const Character next = character_at(text.substr(at));
    if (next.columns > columns) break;
    columns -= next.columns;
    at += next.text.size();
  }
  return text.substr(0, at);
}

std::string shortened(std::string_view text, std::size_t columns) {
  const std::size_t all = columns_of(text);
  if (all <= columns) return std::string(text);
  if (columns == 0) return {};
  const std::string_view head = fitting(text, columns / 2);
  // what of the rest is left out, with all that is drawn over it
  std::string_view tail = text.substr(head.size());
  const std::size_t room = columns - 1 - columns_of(head);
  for (std::size_t left = columns_of(tail); !tail.empty() && left > room;) {
    Character next = first_character(tail);
    left -= next.columns;
    do tail.remove_prefix(next.text.size());
    while (!tail.empty() && (next = first_character(tail)).columns == 0);
  }
  return std::string(head).append(kEllipsis).append(tail);
}

std::vector<std::string_view> wrapped(std::string_view text, std::size_t columns) {
  const Utf8Locale locale;
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    do {
      const Break where = break_of(line, std::max<std::size_t>(columns, 1));
      lines.push_back(line.substr(0, where.end));
      line.remove_prefix(where.next);
    } while (!line.empty());
    at = end + 1;
  }
  return lines;
}

std::string wrapped_text(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t own = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t more = std::min(own + indent, columns / 2);
    const std::string_view first = wrapped(line, columns).front();
    out.append(first).append("\n");
    std::string_view rest = line.substr(first.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (!rest.empty())
      for (const std::string_view each : wrapped(rest, columns - more))
        out.append(more, ' ').append(each).append("\n");
    at = end + 1;
  }
  return out;
}

}  // namespace tachikoma::cli
