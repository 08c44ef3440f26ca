// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "line_source.hpp"

namespace tachikoma::cli {

class CaughtSignal;
class Output;

/// Reads lines from stdin, as they are, and notices ^C and SIGHUP while it waits. A last line without an end
/// counts as a line.
class LineReader final : public LineSource {
 public:
  LineReader(Output& output, CaughtSignal& interrupts, CaughtSignal& hangups)
      : output_(output), interrupts_(interrupts), hangups_(hangups) {}

  Event next(std::string_view prompt, std::string& line) override;

 private:
  Output& output_;
  CaughtSignal& interrupts_;
  CaughtSignal& hangups_;
  std::string buffer_;
  bool at_end_ = false;
};

}  // namespace tachikoma::cli
