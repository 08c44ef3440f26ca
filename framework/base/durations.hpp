// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

namespace tachikoma::base {

/// For people: "5 min", "20 s", "15 ms".
std::string describe_time(std::chrono::milliseconds time);

/// As a configuration has it: "300s", "1500ms".
std::string duration_text(std::chrono::milliseconds time);

/// As a number, with its fraction.
inline double in_milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// "2026-01-31T12:34:56.789Z"
std::string utc_text(std::chrono::system_clock::time_point time);

}  // namespace tachikoma::base
