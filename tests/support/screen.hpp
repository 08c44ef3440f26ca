// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct VTerm;

namespace tachikoma::testing {

/// What a terminal shows for the bytes that a program writes, as libvterm sees it: UTF-8, with the rows that
/// have left it at the top.
class Screen {
 public:
  Screen(int columns, int rows);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void write(std::string_view bytes);
  void resize(int columns, int rows);

  int columns() const;
  /// A row that is shown, from 0, without the blanks at its end.
  std::string row(int number) const;
  /// All rows that are shown, each with a line feed, but for the empty ones at the end.
  std::string text() const;
  /// The same, after the rows that have left the screen at the top.
  std::string all_text() const;
  /// The rows that have left the screen at the top, the oldest first.
  const std::vector<std::string>& scrollback() const { return scrollback_; }

  struct Position {
    int row = 0;
    int column = 0;
    bool operator==(const Position&) const = default;
  };
  Position cursor() const;

  /// How a cell looks. libvterm 0.1 does not know faint letters: look at the bytes for these.
  struct Style {
    bool bold = false;
    bool italic = false;
    bool underline = false;
    bool reverse = false;
    bool strike = false;
    int color = -1;  ///< of the letters, among the 256 of a terminal; -1: its own
    bool operator==(const Style&) const = default;
  };
  Style style(Position at) const;
  /// The style of the first cell of `text`, which has to be shown, in one row.
  Style style_of(std::string_view text) const;

  /// What the terminal sends for a pasted text: in brackets, if the program has asked for these.
  std::string pasted(std::string_view text);
  /// What the terminal answers to the program's queries since the last call.
  std::string take_answers();

 private:
  struct Callbacks;

  VTerm* terminal_;
  std::vector<std::string> scrollback_;
  std::string answers_;
};

}  // namespace tachikoma::testing
