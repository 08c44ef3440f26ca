// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tachikoma::cli {
namespace {

constexpr int kBarWidth = 24;

std::string bar(int percent) {
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i * 100 < percent * kBarWidth ? "█" : "░";
  return text;
}

std::string behind(std::string_view more) { return more.empty() ? "" : " · " + std::string(more); }

}  // namespace

Progress::Progress(Output& output, std::string what, bool quiet)
    : output_(output), what_(std::move(what)), quiet_(quiet) {
  output_.show(what_);
  if (!quiet_ && !output_.can_show()) output_.say("tachikoma: " + what_);
}

Progress::~Progress() { output_.show({}); }

void Progress::at(double fraction, std::string_view more) {
  const int percent = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100);
  const std::string number = std::to_string(percent) + " %" + behind(more);
  output_.show(what_ + "  " + bar(percent) + "  " + number);
  // less than before: it has restarted
  const int tenths = percent / 10;
  const bool news = tenths > tenths_;
  tenths_ = tenths;
  if (news && tenths < 10 && !quiet_ && !output_.can_show())
    output_.say("tachikoma: " + what_ + ": " + number);
}

void Progress::at_unknown(std::string_view more) { output_.show(what_ + behind(more)); }

}  // namespace tachikoma::cli
