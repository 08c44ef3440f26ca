// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "styled_text.hpp"

namespace tachikoma::cli {

/// How Markdown is to look.
struct MarkdownLook {
  std::size_t columns = 80;
  bool color = true;  ///< without, bold and underlined letters stay, and `code` keeps its marks
  Style plain = {};   ///< of text that is nothing special
};

/// The lines that a terminal shows for a Markdown text (CommonMark, with GitHub's tables, task lists and
/// struck out text), with escape sequences for their styles; none is wider than the look's columns. Control
/// characters are made visible. The first `skipped_blocks` blocks are left out.
std::vector<std::string> markdown_lines(std::string_view markdown, const MarkdownLook& look,
                                        std::size_t skipped_blocks = 0);

/// How many blocks a Markdown text has that are not part of another.
std::size_t count_blocks(std::string_view markdown);

}  // namespace tachikoma::cli
