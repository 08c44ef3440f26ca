// SPDX-License-Identifier: MIT
#include "markdown_stream.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/utf8.hpp"

namespace tachikoma::cli {
namespace {

// A block that has so many bytes is drawn again for each byte, one that has twice as many for each second
// one, which bounds the work for a long one.
constexpr std::size_t kDrawnAtOnce = 1024;

// Ends every block, and is one itself.
constexpr std::string_view kSeparator = "\n\n<!-- -->\n\n";

// Without the first bytes of a character whose others are yet to come.
std::string_view whole_characters(std::string_view text) {
  const std::size_t longest = 3;
  for (std::size_t back = 1; back <= std::min(longest, text.size()); ++back) {
    const std::string_view last = text.substr(text.size() - back);
    if (!base::starts_character(last[0])) continue;
    return base::utf8_sequence_length(last) > 0 ? text : text.substr(0, text.size() - back);
  }
  return text;
}

std::string joined(const std::vector<std::string>& lines, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < lines.size(); ++i) text += (i == from ? "" : "\n") + lines[i];
  return text;
}

}  // namespace

MarkdownStream::MarkdownStream(std::function<void(std::string_view)> write,
                               std::function<TerminalSize()> size, MarkdownLook look)
    : write_(std::move(write)), size_(std::move(size)), look_(look) {}

void MarkdownStream::feed(std::string_view piece) {
  open_ += piece;
  const TerminalSize size = size_();
  look_.columns = size.columns;
  rows_ = size.rows;
  close_blocks();
  undrawn_ += piece.size();
  if (undrawn_ * kDrawnAtOnce >= open_.size()) draw();
}

void MarkdownStream::finish() {
  draw();
  if (!drawn_.empty()) write_("\n");
  open_.clear();
  examined_ = 0;
  definitions_.clear();
  definition_blocks_ = 0;
  any_ = false;
  settled_.clear();
  drawn_.clear();
}

// Only a line that is complete shows to which block it belongs: "#" may begin a heading or a word.
void MarkdownStream::close_blocks() {
  for (;;) {
    const std::size_t end = open_.find('\n', examined_);
    if (end == std::string::npos) return;
    const std::size_t begin = std::exchange(examined_, end + 1);
    if (count_blocks(std::string_view(open_).substr(0, end + 1)) > 1) close(begin);
  }
}

// The first bytes of the open text are complete blocks.
void MarkdownStream::close(std::size_t size) {
  const std::string closed = open_.substr(0, size);
  const std::vector<std::string> lines = lines_of(closed);
  settled_.insert(settled_.end(), lines.begin(), lines.end());
  any_ = any_ || !lines.empty();
  if (closed.find("]:") != std::string::npos) {
    definitions_.append(closed).append(kSeparator);
    definition_blocks_ = count_blocks(definitions_);
  }
  open_.erase(0, size);
  examined_ -= size;
}

std::vector<std::string> MarkdownStream::lines_of(std::string_view text) const {
  std::vector<std::string> lines =
      definitions_.empty() ? markdown_lines(text, look_)
                           : markdown_lines(definitions_ + std::string(text), look_, definition_blocks_);
  if (any_ && !lines.empty()) lines.insert(lines.begin(), "");
  return lines;
}

void MarkdownStream::draw() {
  undrawn_ = 0;
  std::vector<std::string> lines = settled_;
  const std::vector<std::string> open = lines_of(whole_characters(open_));
  lines.insert(lines.end(), open.begin(), open.end());
  show(std::move(lines));
  const auto done = static_cast<std::ptrdiff_t>(
      std::min(settled_.size(), drawn_.size() - std::min<std::size_t>(drawn_.size(), 1)));
  settled_.erase(settled_.begin(), settled_.begin() + done);
  drawn_.erase(drawn_.begin(), drawn_.begin() + done);
}

// Draws from the first line on that differs, as far as the terminal still shows it. After the terminal has
// become narrower, each line is still taken to be in one row: one that has been folded leaves a part behind,
// but nothing of what precedes the block is lost.
void MarkdownStream::show(std::vector<std::string> lines) {
  const auto [differs, as] = std::mismatch(drawn_.begin(), drawn_.end(), lines.begin(), lines.end());
  auto from = static_cast<std::size_t>(differs - drawn_.begin());
  if (from == drawn_.size() && from == lines.size()) return;
  std::string text;
  if (drawn_.empty()) {
    text = joined(lines, 0);
  } else if (from == drawn_.size()) {
    text = "\n" + joined(lines, from);
  } else if (from + 1 == drawn_.size() && from < lines.size() && as->starts_with(*differs)) {
    text = joined(lines, from).substr(differs->size());
  } else {
    if (from == lines.size() && from > 0) --from;
    const std::size_t up = std::min(drawn_.size() - 1 - from, std::max<std::size_t>(rows_, 1) - 1);
    from = drawn_.size() - 1 - up;
    if (up > 0) text = "\x1b[" + std::to_string(up) + "A";
    text += "\r\x1b[J" + joined(lines, from);
  }
  write_(text);
  drawn_ = std::move(lines);
}

}  // namespace tachikoma::cli
