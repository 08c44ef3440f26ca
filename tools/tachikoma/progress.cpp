// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <algorithm>
#include <cstddef>
#include <unistd.h>
#include <utility>

#include "progress_line.hpp"
#include "terminal_size.hpp"

namespace tachikoma::cli {
namespace {

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
  show(fraction, more);
  // less than before: it has restarted
  const int tenths = percent / 10;
  const bool news = tenths > tenths_;
  tenths_ = tenths;
  if (news && tenths < 10 && !quiet_ && !output_.can_show())
    output_.say("tachikoma: " + what_ + ": " + std::to_string(percent) + " %" + behind(more));
}

void Progress::at_unknown(std::string_view more) { show({}, more); }

void Progress::show(std::optional<double> fraction, std::string_view more) {
  output_.show(progress_line(what_, fraction, more, terminal_size(STDERR_FILENO).columns - 1));
}

}  // namespace tachikoma::cli
