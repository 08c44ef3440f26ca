// SPDX-License-Identifier: MIT
#include "base/durations.hpp"

#include <ctime>

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

std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t whole = seconds.count();
  std::tm parts = {};
  ::gmtime_r(&whole, &parts);
  char day[32];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string thousandths = std::to_string(1000 + (since - seconds).count());
  return std::string(day) + "." + thousandths.substr(1) + "Z";
}

}  // namespace tachikoma::base
