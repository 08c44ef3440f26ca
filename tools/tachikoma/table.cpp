// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>
#include <cstddef>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"

namespace tachikoma::cli {

std::string table(std::vector<std::vector<std::string>> rows, const std::vector<std::size_t>& right) {
  for (auto& row : rows)
    for (std::string& text : row) text = base::printable(text, text.size());  // a name may hold a line feed
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], base::count_characters(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - base::count_characters(row[i]), ' ');
      const bool flush = std::find(right.begin(), right.end(), i) != right.end();
      line += flush ? gap + row[i] : row[i] + gap;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace tachikoma::cli
