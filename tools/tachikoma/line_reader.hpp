// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace tachikoma::cli {

class CaughtSignal;

/// Reads lines from stdin and notices ^C and SIGHUP while it waits.
class LineReader {
 public:
  LineReader(CaughtSignal& interrupts, CaughtSignal& hangups) : interrupts_(interrupts), hangups_(hangups) {}

  enum class Event : std::uint8_t { line, end, interrupt, hangup };
  /// Waits for the next line and puts it into `line`, without its end. After an interrupt what was
  /// typed so far is forgotten. A last line without an end counts as a line.
  Event next(std::string& line);

 private:
  CaughtSignal& interrupts_;
  CaughtSignal& hangups_;
  std::string buffer_;
  bool at_end_ = false;
};

}  // namespace tachikoma::cli
