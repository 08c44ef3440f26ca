// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::cli {

/// "loading small  ██████░░░░░░  50 % · about 9s left": what is done, a bar and the percentage if a fraction
/// is known, and more. What does not fit into `room` columns is left out: the bar first, then `more`; then
/// `what` is shortened.
std::string progress_line(std::string_view what, std::optional<double> fraction, std::string_view more,
                          std::size_t room);

/// "about 9s left" if it goes on as so far; empty while that says little.
std::string time_left(std::chrono::milliseconds passed, double fraction);

}  // namespace tachikoma::cli
