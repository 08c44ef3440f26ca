// SPDX-License-Identifier: MIT
#include "markdown_table.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "width.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kCellGap = 2, kLeastCell = 4;

using Widths = std::vector<std::size_t>;

std::size_t total_of(const Widths& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths) sum += width + kCellGap;
  return sum > 0 ? sum - kCellGap : 0;
}

Widths widths_of(const MarkdownTable& table, std::size_t room) {
  Widths widths(table.columns.size());
  for (const std::vector<StyledText>& row : table.rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i].text()));
  while (total_of(widths) > room) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastCell) break;
    --*widest;
  }
  return widths;
}

std::size_t before(Align align, std::size_t gap) {
  return align == Align::right ? gap : align == Align::center ? gap / 2 : 0;
}

void add_row(const MarkdownTable& table, const std::vector<StyledText>& row, const Widths& widths,
             std::vector<StyledText>& out) {
  std::vector<std::vector<std::string_view>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
    cells.push_back(wrapped(row[i].text(), widths[i]));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t at = 0; at < height; ++at) {
    StyledText line;
    std::size_t gap = 0;  // what precedes the next text
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string_view part = at < cells[i].size() ? cells[i][at] : std::string_view();
      const std::size_t left = widths[i] - std::min(widths[i], columns_of(part));
      gap += before(table.columns[i], left);
      if (!part.empty()) {
        line.append(std::string(gap, ' '), {});
        line.append(row[i].part(part));
        gap = 0;
      }
      gap += left - before(table.columns[i], left) + kCellGap;
    }
    out.push_back(std::move(line));
  }
}

std::vector<StyledText> rows_as_text(const MarkdownTable& table, std::size_t room) {
  std::vector<StyledText> out;
  for (const std::vector<StyledText>& row : table.rows) {
    StyledText whole;
    for (const StyledText& cell : row) {
      if (!whole.empty()) whole.append(" | ", {.faint = true});
      whole.append(cell);
    }
    for (const std::string_view line : wrapped(whole.text(), room)) out.push_back(whole.part(line));
  }
  return out;
}

}  // namespace

std::vector<StyledText> MarkdownTable::lines(std::size_t room) const {
  const Widths widths = widths_of(*this, room);
  if (total_of(widths) > room) return rows_as_text(*this, room);
  std::vector<StyledText> out;
  for (const std::vector<StyledText>& row : rows) {
    add_row(*this, row, widths, out);
    if (&row != &rows.front()) continue;
    std::string rule;
    for (const std::size_t width : widths) {
      for (std::size_t i = 0; i < width; ++i) rule += "─";
      rule.append(kCellGap, ' ');
    }
    rule.erase(rule.find_last_not_of(' ') + 1);
    out.emplace_back().append(rule, {});
  }
  return out;
}

}  // namespace tachikoma::cli
