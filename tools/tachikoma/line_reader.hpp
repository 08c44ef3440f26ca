// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace tachikoma::cli {

class Interrupts;

/// Reads lines from stdin and notices ^C while it waits.
class LineReader {
 public:
  explicit LineReader(Interrupts& interrupts) : interrupts_(interrupts) {}

  enum class Event : std::uint8_t { line, end, interrupt };
  /// Waits for the next line and puts it into `line`, without its end. After an interrupt what was
  /// typed so far is forgotten. A last line without an end counts as a line.
  Event next(std::string& line);

 private:
  Interrupts& interrupts_;
  std::string buffer_;
  bool at_end_ = false;
};

}  // namespace tachikoma::cli
