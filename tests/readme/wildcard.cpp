// SPDX-License-Identifier: MIT
#include "readme/wildcard.hpp"

namespace tachikoma::testing {

bool matches(std::string_view text, std::string_view pattern) {
  constexpr std::string_view kAny = "…";
  std::size_t any = pattern.find(kAny);
  if (any == std::string_view::npos) return text == pattern;
  if (text.substr(0, any) != pattern.substr(0, any)) return false;
  text.remove_prefix(any);
  for (;;) {  // the first place that fits leaves most for the rest
    pattern.remove_prefix(any + kAny.size());
    any = pattern.find(kAny);
    const std::string_view piece = pattern.substr(0, any);
    if (any == std::string_view::npos)
      return text.size() >= piece.size() && text.substr(text.size() - piece.size()) == piece;
    const std::size_t found = text.find(piece);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + piece.size());
  }
}

}  // namespace tachikoma::testing
