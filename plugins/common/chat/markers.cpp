// SPDX-License-Identifier: MIT
#include "common/chat/markers.hpp"

#include <algorithm>

namespace tachikoma::kit {
namespace {

// Position of the first of a few characters: one memchr for each, up to the earliest match so far. By
// windows: a text full of one lead and without another would else be searched to its end at each step.
std::size_t find_lead(std::string_view text, std::string_view leads, std::size_t from) {
  constexpr std::size_t kWindow = 256;
  for (; from < text.size(); from += kWindow) {
    const std::string_view window = text.substr(from, kWindow);
    std::size_t first = window.size();
    for (char lead : leads) first = std::min(first, window.substr(0, first).find(lead));
    if (first < window.size()) return from + first;
  }
  return text.size();
}

}  // namespace

MarkerMatch find_marker(std::string_view text, const Markers& markers, std::size_t from) {
  for (std::size_t at = find_lead(text, markers.leads, from); at < text.size();
       at = find_lead(text, markers.leads, at + 1)) {
    const std::string_view rest = text.substr(at);
    bool cut = false;
    for (std::size_t i = 0; i < markers.words.size(); ++i) {
      if (rest.starts_with(markers.words[i])) return {at, i};
      cut = cut || markers.words[i].starts_with(rest);
    }
    if (cut) return {at};
  }
  return {text.size()};
}

}  // namespace tachikoma::kit
