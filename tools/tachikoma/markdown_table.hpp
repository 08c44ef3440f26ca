// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "styled_text.hpp"

namespace tachikoma::cli {

enum class Align : std::uint8_t { left, center, right };

/// A table of a Markdown text, whose first row is the heading.
struct MarkdownTable {
  std::vector<Align> columns = {};
  std::vector<std::vector<StyledText>> rows = {};

  /// Its lines, at most `room` wide: cells wrap where the columns would be too wide together, and where even
  /// that is not possible, each row is a text.
  std::vector<StyledText> lines(std::size_t room) const;
};

}  // namespace tachikoma::cli
