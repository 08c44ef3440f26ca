// SPDX-License-Identifier: MIT
#include "base/nearest.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/lists.hpp"

namespace tachikoma::base {
namespace {

constexpr std::size_t kUsualName = 64;
/// Steps of comparing one name to all candidates, some tenths of a second.
constexpr std::size_t kMaxWork = 100'000'000;

// Damerau-Levenshtein (adjacent swaps count one), case folded by the caller.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates,
                                 std::size_t limit) {
  std::vector<std::pair<std::size_t, const std::string*>> ranked;
  const std::string wanted = to_lower(name);
  std::size_t work = 0;
  for (const std::string& candidate : candidates) {
    // the names of a list are short, and most of them differ too much in length to be compared
    const std::size_t steps = (name.size() + 1) * (candidate.size() + 1);
    if (work > kMaxWork || steps > kMaxWork - work) continue;
    if (std::max(name.size(), candidate.size()) > kUsualName) work += steps;
    const std::string folded = to_lower(candidate);
    const auto [shorter, longer] = std::minmax({wanted.size(), folded.size()});
    const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
    const bool contained = shorter >= 3 && (folded.find(wanted) != std::string::npos ||
                                            wanted.find(folded) != std::string::npos);
    const std::size_t missing = longer - shorter;
    if (!contained && missing > allowed) continue;
    work += steps;
    const std::size_t slips = contained ? missing : distance(wanted, folded);
    if (slips <= allowed || contained) ranked.emplace_back(slips, &candidate);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> near;
  for (const auto& [slips, candidate] : ranked)
    if (near.size() < limit) near.push_back(*candidate);
  return near;
}

std::string did_you_mean(const std::vector<std::string>& near) {
  if (near.empty()) return {};
  return "did you mean " + quoted_list(near, " or ") + "?";
}

}  // namespace tachikoma::base
