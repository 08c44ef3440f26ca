// SPDX-License-Identifier: MIT
#include "base/durations.hpp"

namespace tachikoma::base {

std::string describe_time(std::chrono::milliseconds time) {
  const auto count = time.count();
  if (count % 60'000 == 0 && count != 0) return std::to_string(count / 60'000) + " min";
  if (count % 1'000 == 0) return std::to_string(count / 1'000) + " s";
  return std::to_string(count) + " ms";
}

std::string duration_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 ? std::to_string(count) + "ms" : std::to_string(count / 1000) + "s";
}

}  // namespace tachikoma::base
