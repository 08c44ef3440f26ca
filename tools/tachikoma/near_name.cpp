// SPDX-License-Identifier: MIT
#include "near_name.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace tachikoma::cli {
namespace {

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string near_name(std::string_view typed, const std::vector<std::string>& names) {
  constexpr std::size_t kLongestName = 64;  // longer ones are not typos, and the work grows quadratically
  if (typed.size() > kLongestName) return {};
  std::string best;
  std::size_t best_distance = typed.size() / 3 + 1;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(typed, name);
    if (distance > best_distance || (distance == best_distance && !best.empty())) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

}  // namespace tachikoma::cli
