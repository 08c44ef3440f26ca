// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "markdown_lines.hpp"
#include "terminal_size.hpp"

namespace tachikoma::cli {

/// Markdown on a terminal as it comes. The block that is open is parsed again with each piece, and of its
/// lines those that have changed are drawn again; a block after which another has begun is never touched
/// again, so a link whose address is defined only later stays as it was written. For one thread.
class MarkdownStream {
 public:
  /// `write` gets what the terminal is to show, which has to stand at the start of a line; `size` is asked
  /// for the terminal's size with each piece.
  MarkdownStream(std::function<void(std::string_view)> write, std::function<TerminalSize()> size,
                 MarkdownLook look = {});

  /// More of the text, cut anywhere.
  void feed(std::string_view piece);
  /// The text is complete: ends its last line. Another text may follow.
  void finish();
  /// True where the terminal stands at the start of a line.
  bool at_line_start() const { return drawn_.empty(); }

 private:
  void close_blocks();
  void close(std::size_t size);
  void draw();
  std::vector<std::string> lines_of(std::string_view text) const;
  void show(std::vector<std::string> lines);

  std::function<void(std::string_view)> write_;
  std::function<TerminalSize()> size_;
  MarkdownLook look_;
  std::size_t rows_ = 0;
  std::string open_;          // the text of the block that is open, and what follows it
  std::size_t examined_ = 0;  // so much of that has no second block
  std::size_t undrawn_ = 0;   // bytes that have come since it was drawn
  std::string definitions_;   // earlier blocks with addresses that later links may name
  std::size_t definition_blocks_ = 0;
  bool any_ = false;                  // a block has ended that has lines
  std::vector<std::string> settled_;  // lines of blocks that have ended, as far as `drawn_` has them still
  std::vector<std::string> drawn_;    // the last lines on the terminal; the cursor is behind the last
};

}  // namespace tachikoma::cli
