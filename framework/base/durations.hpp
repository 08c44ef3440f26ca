// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

namespace tachikoma::base {

/// For people: "5 min", "20 s", "15 ms".
std::string describe_time(std::chrono::milliseconds time);

/// As a configuration has it: "300s", "1500ms".
std::string duration_text(std::chrono::milliseconds time);

}  // namespace tachikoma::base
