// SPDX-License-Identifier: MIT
#include "base/excerpt.hpp"

#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string excerpt(std::string_view text, std::size_t limit) {
  std::string out;
  bool blank = false;
  for (char c : repair_utf8(text.substr(0, limit + 4))) {
    const bool space = c == ' ' || is_control(c);
    if (!space) out += c;
    if (space && !blank && !out.empty()) out += ' ';
    blank = space;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  const bool cut = out.size() > limit || text.size() > limit + 4;
  out.resize(utf8_prefix(out, limit).size());
  return cut ? out + "…" : out;
}

std::string printable(std::string_view text, std::size_t limit, char control) {
  std::string out = repair_utf8(utf8_prefix(text, limit));
  for (char& c : out)
    if (is_control(c)) c = control;
  return text.size() > limit ? out + "…" : out;
}

}  // namespace tachikoma::base
