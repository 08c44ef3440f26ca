// SPDX-License-Identifier: MIT
#include "world/key_suggestion.hpp"

#include <algorithm>

namespace lmstudio_sim {
namespace {

// How many letters to add, drop, replace, or swap with the next one, until `from` is `to`.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> counts(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i)
    for (std::size_t j = 0; j <= to.size(); ++j) {
      std::size_t& count = counts[i][j] = i + j;
      if (i == 0 || j == 0) continue;
      count = std::min({counts[i - 1][j] + 1, counts[i][j - 1] + 1,
                        counts[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        count = std::min(count, counts[i - 2][j - 2] + 1);
    }
  return counts[from.size()][to.size()];
}

}  // namespace

std::string suggest_key(std::string_view unknown, const std::vector<std::string>& known) {
  const auto nearest =
      std::ranges::min_element(known, {}, [&](const std::string& key) { return edits(unknown, key); });
  if (nearest == known.end() || edits(unknown, *nearest) > std::max<std::size_t>(1, nearest->size() / 3))
    return {};
  return "did you mean '" + *nearest + "'?";
}

}  // namespace lmstudio_sim
