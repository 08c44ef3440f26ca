// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tachikoma::cli {

/// Where the lines of a user come from: a pipe, or a terminal on which they can be edited.
class LineSource {
 public:
  virtual ~LineSource() = default;

  enum class Event : std::uint8_t { line, end, interrupt, hangup };
  /// Waits for the next line and puts it into `line`, without its end. One that was pasted, or taken from the
  /// history, may have line feeds. Someone at a terminal is asked with `prompt`. After an interrupt `line` is
  /// what had been typed, and is forgotten; after a hangup the next call goes on with what had been typed.
  virtual Event next(std::string_view prompt, std::string& line) = 0;
};

}  // namespace tachikoma::cli
