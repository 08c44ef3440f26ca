// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>
#include <cstddef>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"

namespace tachikoma::cli {
namespace {

// A name may hold a line feed.
std::vector<std::string> shown(std::vector<std::string> cells) {
  for (std::string& text : cells) text = base::printable(text, text.size());
  return cells;
}

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows, const std::vector<std::size_t>& right) {
  return table(
      rows.size(), [&](std::size_t i) { return rows[i]; }, right);
}

std::string table(std::size_t rows, const std::function<std::vector<std::string>(std::size_t)>& row,
                  const std::vector<std::size_t>& right) {
  std::vector<std::size_t> widths;
  for (std::size_t each = 0; each < rows; ++each) {
    const std::vector<std::string> cells = shown(row(each));
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], base::count_characters(cells[i]));
  }
  std::string text;
  for (std::size_t each = 0; each < rows; ++each) {
    const std::vector<std::string> cells = shown(row(each));
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string gap(widths[i] - base::count_characters(cells[i]), ' ');
      const bool flush = std::find(right.begin(), right.end(), i) != right.end();
      line += flush ? gap + cells[i] : cells[i] + gap;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace tachikoma::cli
