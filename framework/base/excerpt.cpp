// SPDX-License-Identifier: MIT
#include "base/excerpt.hpp"

#include "base/utf8.hpp"

namespace tachikoma::base {

std::string excerpt(std::string_view text, std::size_t limit) {
  std::string out;
  bool blank = false;
  for (char c : repair_utf8(text.substr(0, limit + 4))) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!space) out += c;
    if (space && !blank && !out.empty()) out += ' ';
    blank = space;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  const bool cut = out.size() > limit || text.size() > limit + 4;
  while (out.size() > limit || (cut && !out.empty() && !is_utf8(out))) out.pop_back();
  return cut ? out + "…" : out;
}

}  // namespace tachikoma::base
