// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "output.hpp"

namespace tachikoma::cli {

/// Shows the progress of a long operation on stderr: on a terminal with a bar, which is removed at the end,
/// elsewhere with a line at its start and one for each tenth.
class Progress {
 public:
  /// `what` is being done, as in "loading lmstudio::mistral-7b". With `quiet` there are no lines, only the
  /// bar.
  Progress(Output& output, std::string what, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `fraction` of it is done, from 0 to 1; `more` is shown after it: "1.2 GB of 2.3 GB".
  void at(double fraction, std::string_view more = {});
  /// It is progressing, but the fraction is unknown.
  void at_unknown(std::string_view more);

 private:
  void show(std::optional<double> fraction, std::string_view more);

  Output& output_;
  std::string what_;
  bool quiet_;
  int tenths_ = 0;
};

}  // namespace tachikoma::cli
