// SPDX-License-Identifier: MIT
#include "code_block.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tachikoma::cli {
namespace {

// A line of ` or ~, indented by at most three blanks.
struct Fence {
  char mark = 0;
  std::size_t length = 0;
  std::size_t indent = 0;
  std::string_view rest = {};  // behind the marks
};

std::optional<Fence> fence_of(std::string_view line) {
  constexpr std::size_t kMostIndent = 3, kLeastLength = 3;
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  if (indent > kMostIndent || indent == line.size()) return std::nullopt;
  line.remove_prefix(indent);
  const char mark = line[0];
  if (mark != '`' && mark != '~') return std::nullopt;
  const std::size_t length = std::min(line.find_first_not_of(mark), line.size());
  if (length < kLeastLength) return std::nullopt;
  return Fence{mark, length, indent, line.substr(length)};
}

// `text` in backquotes is no fence.
bool opens(const Fence& fence) { return fence.mark == '~' || fence.rest.find('`') == std::string_view::npos; }

bool closes(const Fence& fence, const Fence& opened) {
  return fence.mark == opened.mark && fence.length >= opened.length &&
         fence.rest.find_first_not_of(" \t\r") == std::string_view::npos;
}

// The line without as much indentation as its fence has.
std::string_view unindented(std::string_view line, std::size_t indent) {
  line.remove_prefix(std::min({line.find_first_not_of(' '), indent, line.size()}));
  return line;
}

}  // namespace

std::optional<std::string> first_code_block(std::string_view text) {
  std::optional<Fence> opened;
  std::string content;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::optional<Fence> fence = fence_of(line);
    if (!opened) {
      if (fence && opens(*fence)) opened = fence;
    } else if (fence && closes(*fence, *opened)) {
      return content;
    } else {
      content.append(unindented(line, opened->indent)).append("\n");
    }
  }
  return opened ? std::optional(std::move(content)) : std::nullopt;
}

}  // namespace tachikoma::cli
