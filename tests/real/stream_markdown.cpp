// SPDX-License-Identifier: MIT
// usage: stream-markdown < TEXTS
// Shows Markdown texts, which NUL characters separate, on a terminal: each whole, and each byte by byte.
// Prints the numbers of those that end in different screens, from 1, one a line; then "of" and how many there
// were.
#include <algorithm>
#include <cstddef>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "support/screen.hpp"
#include "tools/tachikoma/markdown_stream.hpp"

namespace {

using tachikoma::cli::MarkdownStream;
using tachikoma::testing::Screen;

constexpr int kColumns = 80, kRows = 100;

// All cells, with their styles.
std::string contents_of(const Screen& screen) {
  std::string text = screen.all_text();
  for (int row = 0; row < kRows; ++row)
    for (int column = 0; column < kColumns; ++column) {
      const Screen::Style style = screen.style({row, column});
      text += std::to_string(style.bold + 2 * style.italic + 4 * style.underline + 8 * style.strike) + "," +
              std::to_string(style.color) + ";";
    }
  return text;
}

void write(Screen& screen, std::string_view bytes) {
  for (const char& byte : bytes) screen.write(byte == '\n' ? "\r\n" : std::string_view(&byte, 1));
}

std::string shown_whole(std::string_view markdown) {
  Screen screen(kColumns, kRows);
  for (const std::string& line : tachikoma::cli::markdown_lines(markdown, {.columns = kColumns}))
    write(screen, line + "\n");
  return contents_of(screen);
}

std::string shown_by_bytes(std::string_view markdown) {
  Screen screen(kColumns, kRows);
  MarkdownStream stream([&](std::string_view bytes) { write(screen, bytes); },
                        [] {
                          return tachikoma::cli::TerminalSize{kColumns, kRows};
                        });
  for (const char& byte : markdown) stream.feed({&byte, 1});
  stream.finish();
  return contents_of(screen);
}

}  // namespace

int main() {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  std::size_t number = 0;
  for (std::size_t at = 0; at < input.size();) {
    const std::size_t end = std::min(input.find('\0', at), input.size());
    const std::string_view markdown = std::string_view(input).substr(at, end - at);
    ++number;
    if (shown_by_bytes(markdown) != shown_whole(markdown)) std::cout << number << "\n";
    at = end + 1;
  }
  std::cout << "of " << number << "\n";
}
