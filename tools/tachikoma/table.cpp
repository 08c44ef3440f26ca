// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>
#include <string_view>

#include "base/excerpt.hpp"
#include "width.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kGap = 2, kLeastName = 12, kLeastProse = 20, kLeast = 3, kProseIndent = 4;

bool has(const std::vector<std::size_t>& columns, std::size_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

// A name may hold a line feed.
std::vector<std::string> shown(std::vector<std::string> cells) {
  for (std::string& text : cells) text = base::printable(text, text.size());
  return cells;
}

// How wide each column is; 0: it is left out.
class Layout {
 public:
  Layout(std::vector<std::size_t> widths, const TableForm& form, std::size_t room)
      : widths_(std::move(widths)), form_(form), room_(room) {
    if (total() <= room_) return;
    for (const std::size_t column : form_.optional) {
      if (least_total() <= room_) break;
      widths_[column] = 0;
    }
    if (form_.prose && widths_[*form_.prose] > 0) place_prose(*form_.prose);
    narrow([&](std::size_t column) { return has(form_.names, column) ? least(column) : widths_[column]; });
    narrow([](std::size_t) { return kLeast; });
  }

  std::size_t operator[](std::size_t column) const { return widths_[column]; }
  bool prose_is_below() const { return prose_is_below_; }

 private:
  std::size_t total() const {
    std::size_t sum = 0;
    for (const std::size_t width : widths_) sum += width > 0 ? width + kGap : 0;
    return sum > 0 ? sum - kGap : 0;
  }

  std::size_t least(std::size_t column) const {
    const std::size_t width = widths_[column];
    if (form_.prose == column) return std::min(width, kLeastProse);
    if (!has(form_.names, column)) return width;
    return std::min(width, form_.least_name.value_or(std::max(room_ / 2 / form_.names.size(), kLeastName)));
  }

  std::size_t least_total() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < widths_.size(); ++i) sum += widths_[i] > 0 ? least(i) + kGap : 0;
    return sum > 0 ? sum - kGap : 0;
  }

  void place_prose(std::size_t column) {
    if (const std::size_t all = total(); all > room_)
      widths_[column] -= std::min(widths_[column] - least(column), all - room_);
    if (least_total() <= room_) return;
    prose_is_below_ = true;
    widths_[column] = 0;
  }

  template <class Least>
  void narrow(const Least& least_of) {
    while (total() > room_) {
      std::size_t widest = widths_.size();
      for (std::size_t i = 0; i < widths_.size(); ++i)
        if (widths_[i] > least_of(i) && (widest == widths_.size() || widths_[i] > widths_[widest]))
          widest = i;
      if (widest == widths_.size()) return;
      --widths_[widest];
    }
  }

  std::vector<std::size_t> widths_;
  const TableForm& form_;
  std::size_t room_;
  bool prose_is_below_ = false;
};

class Printer {
 public:
  Printer(const Layout& layout, const TableForm& form, std::size_t room)
      : layout_(layout), form_(form), room_(room) {}

  void add(const std::vector<std::string>& cells, bool heading) {
    const std::size_t prose = form_.prose.value_or(cells.size());
    std::string_view sentence = prose < cells.size() ? std::string_view(cells[prose]) : "";
    std::vector<std::string_view> lines{sentence};
    if (prose < cells.size() && layout_[prose] > 0) lines = wrapped(sentence, layout_[prose]);
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (layout_[i] > 0) add_cell(line, i, i == prose ? std::string(lines.front()) : cells[i]);
    end(line);
    if (layout_.prose_is_below()) {
      if (heading || sentence.empty() || sentence == "-") return;
      for (const std::string_view each : wrapped(sentence, room_ - kProseIndent))
        end(std::string(kProseIndent, ' ').append(each));
    }
    for (std::size_t i = 1; i < lines.size(); ++i) end(std::string(indent_of(prose), ' ').append(lines[i]));
  }

  std::string take() { return std::move(text_); }

 private:
  void add_cell(std::string& line, std::size_t column, const std::string& cell) const {
    const std::string text = shortened(cell, layout_[column]);
    const std::string gap(layout_[column] - columns_of(text), ' ');
    line += has(form_.right, column) ? gap + text : text + gap;
    line.append(kGap, ' ');
  }

  std::size_t indent_of(std::size_t prose) const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < prose; ++i) sum += layout_[i] > 0 ? layout_[i] + kGap : 0;
    return sum;
  }

  void end(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    text_ += line + "\n";
  }

  const Layout& layout_;
  const TableForm& form_;
  std::size_t room_;
  std::string text_;
};

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows, const TableForm& form,
                  std::size_t room) {
  return table(
      rows.size(), [&](std::size_t i) { return rows[i]; }, form, room);
}

std::string table(std::size_t rows, const std::function<std::vector<std::string>(std::size_t)>& row,
                  const TableForm& form, std::size_t room) {
  std::vector<std::size_t> widths;
  for (std::size_t each = 0; each < rows; ++each) {
    const std::vector<std::string> cells = shown(row(each));
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], columns_of(cells[i]));
  }
  const Layout layout(std::move(widths), form, room);
  Printer printer(layout, form, room);
  for (std::size_t each = 0; each < rows; ++each) printer.add(shown(row(each)), form.heading && each == 0);
  return printer.take();
}

}  // namespace tachikoma::cli
