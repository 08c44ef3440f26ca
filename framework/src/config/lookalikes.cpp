// SPDX-License-Identifier: MIT
#include "config/lookalikes.hpp"

#include <array>

namespace tachikoma::config {
namespace {

struct Lookalike {
  std::string_view bytes, name;
};

// Unicode's spaces (category Zs) other than U+0020, and what editors and web pages put in place of one.
constexpr std::array<Lookalike, 20> kLookalikes{{
    {"\xC2\xA0", "a no-break space (U+00A0)"},
    {"\xE1\x9A\x80", "an Ogham space mark (U+1680)"},
    {"\xE2\x80\x80", "an en quad (U+2000)"},
    {"\xE2\x80\x81", "an em quad (U+2001)"},
    {"\xE2\x80\x82", "an en space (U+2002)"},
    {"\xE2\x80\x83", "an em space (U+2003)"},
    {"\xE2\x80\x84", "a three-per-em space (U+2004)"},
    {"\xE2\x80\x85", "a four-per-em space (U+2005)"},
    {"\xE2\x80\x86", "a six-per-em space (U+2006)"},
    {"\xE2\x80\x87", "a figure space (U+2007)"},
    {"\xE2\x80\x88", "a punctuation space (U+2008)"},
    {"\xE2\x80\x89", "a thin space (U+2009)"},
    {"\xE2\x80\x8A", "a hair space (U+200A)"},
    {"\xE2\x80\x8B", "a zero-width space (U+200B)"},
    {"\xE2\x80\xAF", "a narrow no-break space (U+202F)"},
    {"\xE2\x81\x9F", "a mathematical space (U+205F)"},
    {"\xE2\x81\xA0", "a word joiner (U+2060)"},
    {"\xE3\x80\x80", "an ideographic space (U+3000)"},
    {"\xEF\xBB\xBF", "a byte order mark (U+FEFF)"},
    {"\xC2\x85", "a next-line character (U+0085)"},
}};

const Lookalike* find(std::string_view text) {
  for (const Lookalike& each : kLookalikes)
    if (text.starts_with(each.bytes)) return &each;
  return nullptr;
}

}  // namespace

std::string_view name_of_lookalike(std::string_view text) {
  const Lookalike* found = find(text);
  return found ? found->name : std::string_view();
}

std::size_t lookalike_length(std::string_view text) {
  const Lookalike* found = find(text);
  return found ? found->bytes.size() : 0;
}

std::size_t find_misplaced_lookalike(std::string_view text) {
  if (find(text)) return 0;
  for (const Lookalike& each : kLookalikes)
    if (text.ends_with(each.bytes)) return text.size() - each.bytes.size();
  for (std::size_t colon = text.find(':'); colon < text.size(); colon = text.find(':', colon + 1))
    if (find(text.substr(colon + 1))) return colon + 1;
  return text.size();
}

}  // namespace tachikoma::config
