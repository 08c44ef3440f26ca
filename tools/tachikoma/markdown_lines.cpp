// SPDX-License-Identifier: MIT
#include "markdown_lines.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "code_colors.hpp"
#include "markdown_parser.hpp"
#include "markdown_table.hpp"
#include "width.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kTab = 4;

// Control characters visible, and tabs as blanks: they have no width of their own.
std::string shown_text(std::string_view text) {
  std::string out;
  for (const char c : base::visible(text)) c == '\t' ? out.append(kTab, ' ') : out.append(1, c);
  return out;
}

/// A block that has others in it: a quote, a list, an item.
struct Container {
  std::string first = {};   // what precedes its first line
  std::string others = {};  // and the others
  bool tight = false;       // no empty lines between its blocks
  bool any = false;         // something of it is shown
  unsigned number = 0;      // of the next item of an ordered list
  char delimiter = 0;       // behind that; 0: the list is not ordered
};

class LineMaker final : public MarkdownHandler {
 public:
  LineMaker(const MarkdownLook& look, std::size_t skipped) : look_(look), skipped_(skipped) {}

  std::vector<std::string> take() { return std::move(lines_); }

  void enter_block(MD_BLOCKTYPE type, void* detail) override {
    if (type == MD_BLOCK_DOC) return containers_.push_back({});
    if (++depth_ == 1 && top_++ < skipped_) skipping_ = true;
    if (skipping_) return;
    switch (type) {
      case MD_BLOCK_QUOTE: return enter({.first = "│ ", .others = "│ "});
      case MD_BLOCK_UL: return enter({.tight = static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0});
      case MD_BLOCK_OL: return enter_ordered(*static_cast<MD_BLOCK_OL_DETAIL*>(detail));
      case MD_BLOCK_LI: return enter_item(*static_cast<MD_BLOCK_LI_DETAIL*>(detail));
      case MD_BLOCK_H: return enter_heading(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
      case MD_BLOCK_CODE: language_ = text_of(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang); break;
      case MD_BLOCK_TABLE: table_.emplace(); break;
      case MD_BLOCK_TR: table_->rows.emplace_back(); return;
      case MD_BLOCK_TH: styles_.push_back(with([](Style& style) { style.bold = true; })); return;
      case MD_BLOCK_TBODY:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TD: return;
      default: break;
    }
    begin_block();
    verbatim_ = type == MD_BLOCK_CODE || type == MD_BLOCK_HTML;
  }

  void leave_block(MD_BLOCKTYPE type, void* detail) override {
    if (type == MD_BLOCK_DOC) return;
    const bool was_top = --depth_ == 0;
    if (!skipping_) leave(type, detail);
    if (was_top) skipping_ = false;
  }

  void enter_span(MD_SPANTYPE type, void* detail) override {
    if (skipping_) return;
    Style style = current();
    switch (type) {
      case MD_SPAN_EM: style.italic = true; break;
      case MD_SPAN_STRONG: style.bold = true; break;
      case MD_SPAN_DEL: style.strike = true; break;
      case MD_SPAN_CODE: style.color = look_.color ? Color::cyan : style.color; break;
      case MD_SPAN_A: begin_link(text_of(static_cast<MD_SPAN_A_DETAIL*>(detail)->href)); break;
      case MD_SPAN_IMG: begin_link(text_of(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src)); break;
      default: break;
    }
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) style.underline = true;
    if (type == MD_SPAN_CODE && !look_.color) inline_.append("`", style);
    styles_.push_back(style);
  }

  void leave_span(MD_SPANTYPE type, void*) override {
    if (skipping_) return;
    styles_.pop_back();
    if (type == MD_SPAN_CODE && !look_.color) inline_.append("`", current());
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) end_link();
  }

  void text(MD_TEXTTYPE type, std::string_view text) override {
    if (skipping_) return;
    switch (type) {
      case MD_TEXT_BR: inline_.append("\n", current()); break;
      case MD_TEXT_SOFTBR: inline_.append(" ", current()); break;
      case MD_TEXT_NULLCHAR: inline_.append(base::kReplacementCharacter, current()); break;
      case MD_TEXT_ENTITY: add(decoded_entity(text)); break;
      default: add(text);
    }
  }

 private:
  struct Link {
    std::string address;
    std::size_t begin;
  };

  void add(std::string_view text) {
    std::string shown = shown_text(text);
    if (!verbatim_) std::replace(shown.begin(), shown.end(), '\n', ' ');
    inline_.append(shown, current());
  }

  const Style& current() const { return styles_.empty() ? look_.plain : styles_.back(); }

  template <class Change>
  Style with(const Change& change) const {
    Style style = current();
    change(style);
    return style;
  }

  // Text of a tight item is no block of its own, and ends where the next begins. An empty line separates
  // blocks.
  void begin_block() {
    flush();
    Container& parent = containers_.back();
    if (parent.any && !parent.tight) add_line({});
    parent.any = true;
  }

  void enter(Container container) {
    begin_block();
    containers_.push_back(std::move(container));
  }

  void enter_ordered(const MD_BLOCK_OL_DETAIL& list) {
    enter({.tight = list.is_tight != 0, .number = list.start, .delimiter = list.mark_delimiter});
  }

  void enter_item(const MD_BLOCK_LI_DETAIL& item) {
    Container& list = containers_.back();
    std::string mark = "• ";
    if (list.delimiter) mark = std::to_string(list.number++) + list.delimiter + " ";
    if (item.is_task) mark = item.task_mark == ' ' ? "☐ " : "☑ ";
    const std::string others(columns_of(mark), ' ');
    enter({.first = std::move(mark), .others = others, .tight = list.tight});
  }

  void enter_heading(unsigned level) {
    begin_block();
    styles_.push_back(with([&](Style& style) {
      style.bold = true;
      style.underline = level <= 2;
    }));
  }

  void leave(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_LI:
      case MD_BLOCK_QUOTE:
        flush();
        if (!containers_.back().first.empty() && !containers_.back().any) add_line({});
        [[fallthrough]];
      case MD_BLOCK_UL:
      case MD_BLOCK_OL: containers_.pop_back(); break;
      case MD_BLOCK_HR: add_rule(); break;
      case MD_BLOCK_CODE: flush_code(); break;
      case MD_BLOCK_HTML: flush_verbatim(std::exchange(inline_, {}), 0); break;
      case MD_BLOCK_H:
        flush_block();
        styles_.pop_back();
        break;
      case MD_BLOCK_TH:
        styles_.pop_back();
        table_->columns.push_back(align_of(*static_cast<MD_BLOCK_TD_DETAIL*>(detail)));
        [[fallthrough]];
      case MD_BLOCK_TD: table_->rows.back().push_back(std::exchange(inline_, {})); break;
      case MD_BLOCK_TABLE: flush_table(); break;
      case MD_BLOCK_P: flush_block(); break;
      default: break;
    }
    verbatim_ = false;
  }

  static Align align_of(const MD_BLOCK_TD_DETAIL& cell) {
    if (cell.align == MD_ALIGN_RIGHT) return Align::right;
    return cell.align == MD_ALIGN_CENTER ? Align::center : Align::left;
  }

  void begin_link(std::string address) { links_.push_back({std::move(address), inline_.text().size()}); }

  void end_link() {
    const Link link = std::move(links_.back());
    links_.pop_back();
    const std::string_view text = std::string_view(inline_.text()).substr(link.begin);
    if (link.address.empty() || link.address == text || link.address == "mailto:" + std::string(text)) return;
    const Style style = with([&](Style& each) { each.faint = look_.color; });
    inline_.append((text.empty() ? "(" : " (") + shown_text(link.address) + ")", style);
  }

  std::size_t room() const {
    std::size_t taken = 0;
    for (const Container& each : containers_) taken += columns_of(each.others);
    return look_.columns - std::min(taken, look_.columns / 2);
  }

  // The marks of a quote or an item stand on the first line that it has.
  void add_line(const StyledText& text) {
    std::string lead;
    for (Container& each : containers_) {
      lead += each.first;
      each.first = each.others;
    }
    lead = fitting(lead, look_.columns - room());
    StyledText line;
    if (text.empty()) lead.erase(lead.find_last_not_of(' ') + 1);
    line.append(lead, with_faint(look_.plain));
    line.append(text);
    lines_.push_back(line.shown());
  }

  Style with_faint(Style style) const {
    style.faint = style.faint || look_.color;
    return style;
  }

  void flush() {
    if (inline_.empty()) return;
    containers_.back().any = true;
    const StyledText text = std::exchange(inline_, {});
    for (const std::string_view line : wrapped(text.text(), room())) add_line(text.part(line));
  }

  // Also one without a text has a line.
  void flush_block() { inline_.empty() ? add_line({}) : flush(); }

  void flush_verbatim(const StyledText& text, std::size_t indent) {
    std::string_view whole = text.text();
    if (whole.ends_with('\n')) whole.remove_suffix(1);
    for (const std::string_view part : wrapped(whole, room() - std::min(indent, room() - 1))) {
      StyledText line;
      if (!part.empty()) line.append(std::string(indent, ' '), look_.plain);
      line.append(text.part(part));
      add_line(line);
    }
  }

  void flush_code() {
    constexpr std::size_t kIndent = 2;
    const StyledText text = std::exchange(inline_, {});
    flush_verbatim(look_.color ? colored_code(text.text(), language_, look_.plain) : text, kIndent);
  }

  void add_rule() {
    std::string rule;
    for (std::size_t i = 0; i < room(); ++i) rule += "─";
    StyledText line;
    line.append(rule, with_faint(look_.plain));
    add_line(line);
  }

  void flush_table() {
    for (const StyledText& line : table_->lines(room())) add_line(line);
    table_.reset();
  }

  const MarkdownLook& look_;
  std::size_t skipped_;
  std::size_t top_ = 0;    // top-level blocks so far
  std::size_t depth_ = 0;  // of the block that is open
  bool skipping_ = false;
  bool verbatim_ = false;
  std::vector<Container> containers_;
  std::vector<Style> styles_;
  std::vector<Link> links_;
  StyledText inline_;  // of the block, the item or the cell that is open
  std::string language_;
  std::optional<MarkdownTable> table_;
  std::vector<std::string> lines_;
};

class BlockCounter final : public MarkdownHandler {
 public:
  std::size_t count() const { return count_; }

  void enter_block(MD_BLOCKTYPE, void*) override {
    if (depth_++ == 1) ++count_;  // within the document
  }
  void leave_block(MD_BLOCKTYPE, void*) override { --depth_; }
  void enter_span(MD_SPANTYPE, void*) override {}
  void leave_span(MD_SPANTYPE, void*) override {}
  void text(MD_TEXTTYPE, std::string_view) override {}

 private:
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::string> markdown_lines(std::string_view markdown, const MarkdownLook& look,
                                        std::size_t skipped_blocks) {
  LineMaker maker(look, skipped_blocks);
  parse_markdown(markdown, maker);
  return maker.take();
}

std::size_t count_blocks(std::string_view markdown) {
  BlockCounter counter;
  parse_markdown(markdown, counter);
  return counter.count();
}

}  // namespace tachikoma::cli
