// SPDX-License-Identifier: MIT
#include "support/screen.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vterm.h>

namespace tachikoma::testing {
namespace {

void append_utf8(std::string& text, std::uint32_t character) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto put_rest = [&](int shift) { put(0x80 | ((character >> shift) & 0x3F)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xC0 | (character >> 6));
  } else if (character < 0x10000) {
    put(0xE0 | (character >> 12));
    put_rest(6);
  } else {
    put(0xF0 | (character >> 18));
    put_rest(12);
    put_rest(6);
  }
  put_rest(0);
}

// A cell of no character is a blank; the second one of a wide character is nothing.
void append_cell(std::string& text, const VTermScreenCell& cell) {
  constexpr auto kSecondOfWide = static_cast<std::uint32_t>(-1);
  if (cell.chars[0] == kSecondOfWide) return;
  if (cell.chars[0] == 0) text += ' ';
  for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; ++i) append_utf8(text, cell.chars[i]);
}

std::string without_blanks_at_end(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

VTermScreenCell cell_at(VTerm* terminal, int row, int column) {
  VTermScreenCell cell{};
  vterm_screen_get_cell(vterm_obtain_screen(terminal), {row, column}, &cell);
  return cell;
}

int count_rows(const VTerm* terminal) {
  int rows = 0;
  int columns = 0;
  vterm_get_size(terminal, &rows, &columns);
  return rows;
}

}  // namespace

struct Screen::Callbacks {
  static int push_line(int columns, const VTermScreenCell* cells, void* screen) {
    std::string line;
    for (int i = 0; i<columns; i += cells[i].width> 1 ? cells[i].width : 1) append_cell(line, cells[i]);
    static_cast<Screen*>(screen)->scrollback_.push_back(without_blanks_at_end(std::move(line)));
    return 1;
  }
  static void answer(const char* bytes, size_t size, void* screen) {
    static_cast<Screen*>(screen)->answers_.append(bytes, size);
  }
  static VTermScreenCallbacks table() {
    VTermScreenCallbacks table{};
    table.sb_pushline = push_line;
    return table;
  }
};

Screen::Screen(int columns, int rows) : terminal_(vterm_new(rows, columns)) {
  static const VTermScreenCallbacks kCallbacks = Callbacks::table();
  vterm_set_utf8(terminal_, 1);
  vterm_output_set_callback(terminal_, Callbacks::answer, this);
  VTermScreen* screen = vterm_obtain_screen(terminal_);
  vterm_screen_set_callbacks(screen, &kCallbacks, this);
  vterm_screen_enable_altscreen(screen, 1);
  vterm_screen_reset(screen, 1);
}

Screen::~Screen() { vterm_free(terminal_); }

void Screen::write(std::string_view bytes) { vterm_input_write(terminal_, bytes.data(), bytes.size()); }

void Screen::resize(int columns, int rows) { vterm_set_size(terminal_, rows, columns); }

int Screen::columns() const {
  int rows = 0;
  int columns = 0;
  vterm_get_size(terminal_, &rows, &columns);
  return columns;
}

std::string Screen::row(int number) const {
  std::string text;
  for (int column = 0; column < columns(); ++column) append_cell(text, cell_at(terminal_, number, column));
  return without_blanks_at_end(std::move(text));
}

std::string Screen::text() const {
  std::string text;
  for (int number = 0; number < count_rows(terminal_); ++number) text += row(number) + "\n";
  text.erase(text.find_last_not_of('\n') + 1);
  return text.empty() ? text : text + "\n";
}

std::string Screen::all_text() const {
  std::string all;
  for (const std::string& line : scrollback_) all += line + "\n";
  return all + text();
}

Screen::Position Screen::cursor() const {
  VTermPos at{};
  vterm_state_get_cursorpos(vterm_obtain_state(terminal_), &at);
  return {at.row, at.col};
}

Screen::Style Screen::style(Position at) const {
  const VTermScreenCell cell = cell_at(terminal_, at.row, at.column);
  const bool coloured = !VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) && VTERM_COLOR_IS_INDEXED(&cell.fg);
  return {.bold = cell.attrs.bold != 0,
          .italic = cell.attrs.italic != 0,
          .underline = cell.attrs.underline != 0,
          .reverse = cell.attrs.reverse != 0,
          .strike = cell.attrs.strike != 0,
          .color = coloured ? cell.fg.indexed.idx : -1};
}

Screen::Style Screen::style_of(std::string_view text) const {
  for (int number = 0; number < count_rows(terminal_); ++number) {
    for (int column = 0; column < columns(); ++column) {
      std::string rest;
      for (int next = column; next < columns() && rest.size() < text.size(); ++next)
        append_cell(rest, cell_at(terminal_, number, next));
      if (rest.starts_with(text)) return style({number, column});
    }
  }
  throw std::runtime_error("'" + std::string(text) + "' is not shown; the screen:\n" + this->text());
}

std::string Screen::pasted(std::string_view text) {
  const std::string before = std::exchange(answers_, {});
  vterm_keyboard_start_paste(terminal_);
  answers_ += text;
  vterm_keyboard_end_paste(terminal_);
  return std::exchange(answers_, before);
}

std::string Screen::take_answers() { return std::exchange(answers_, {}); }

}  // namespace tachikoma::testing
