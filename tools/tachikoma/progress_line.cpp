// SPDX-License-Identifier: MIT
#include "progress_line.hpp"

#include <algorithm>

#include "output.hpp"
#include "width.hpp"

namespace tachikoma::cli {
namespace {

std::string bar(int percent, int width) {
  std::string text = "  ";
  for (int i = 0; i < width; ++i) text += i * 100 < percent * width ? "█" : "░";
  return text;
}

std::string behind(std::string_view more) { return more.empty() ? "" : " · " + std::string(more); }

}  // namespace

std::string progress_line(std::string_view what, std::optional<double> fraction, std::string_view more,
                          std::size_t room) {
  constexpr int kBar = 24, kShortBar = 10;
  const int percent = static_cast<int>(std::clamp(fraction.value_or(0), 0.0, 1.0) * 100);
  const std::string number = fraction ? "  " + std::to_string(percent) + " %" : "";
  for (const std::string& tail : {behind(more), std::string()})
    for (const int width : {kBar, kShortBar, 0}) {
      const std::string rest = (fraction && width > 0 ? bar(percent, width) : "") + number + tail;
      if (columns_of(what) + columns_of(rest) <= room) return std::string(what) + rest;
    }
  return shortened(what, room - std::min(room, columns_of(number))) + number;
}

std::string time_left(std::chrono::milliseconds passed, double fraction) {
  constexpr double kEnough = 0.02;
  if (passed < std::chrono::seconds(1) || fraction < kEnough || fraction >= 1) return {};
  const auto left = std::chrono::duration<double>(passed) * ((1 - fraction) / fraction);
  return "about " + format_duration(std::chrono::ceil<std::chrono::seconds>(left)) + " left";
}

}  // namespace tachikoma::cli
