// SPDX-License-Identifier: MIT
#include "otlp/retry_pause.hpp"

#include <algorithm>

namespace tachikoma::otlp {

using std::chrono::milliseconds;

milliseconds retry_pause(int failures, std::optional<milliseconds> asked_for, double chance) {
  constexpr milliseconds kFirst{1000}, kLongest{30'000}, kMostAskedFor{300'000};
  if (asked_for) return std::min(*asked_for, kMostAskedFor);
  const milliseconds pause = std::min(kFirst * (1 << std::clamp(failures - 1, 0, 10)), kLongest);
  return std::chrono::duration_cast<milliseconds>(pause * (1 - chance / 2));
}

}  // namespace tachikoma::otlp
