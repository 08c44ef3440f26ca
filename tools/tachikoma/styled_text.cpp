// SPDX-License-Identifier: MIT
#include "styled_text.hpp"

#include <algorithm>

namespace tachikoma::cli {
namespace {

std::string escape_of(const Style& style) {
  std::string codes;
  const auto add = [&](bool wanted, int code) {
    if (wanted) codes += (codes.empty() ? "" : ";") + std::to_string(code);
  };
  add(style.bold, 1);
  add(style.faint, 2);
  add(style.italic, 3);
  add(style.underline, 4);
  add(style.strike, 9);
  add(style.color != Color::none, static_cast<int>(style.color));
  return "\x1b[" + codes + "m";
}

}  // namespace

void StyledText::append(std::string_view text, const Style& style) {
  if (text.empty()) return;
  text_ += text;
  if (!spans_.empty() && spans_.back().style == style)
    spans_.back().end = text_.size();
  else
    spans_.push_back({text_.size(), style});
}

void StyledText::append(const StyledText& other) {
  std::size_t at = 0;
  for (const Span& span : other.spans_) {
    append(std::string_view(other.text_).substr(at, span.end - at), span.style);
    at = span.end;
  }
}

StyledText StyledText::part(std::string_view part) const {
  StyledText out;
  auto at = static_cast<std::size_t>(part.data() - text_.data());
  const std::size_t end = at + part.size();
  auto span = std::upper_bound(spans_.begin(), spans_.end(), at,
                               [](std::size_t position, const Span& each) { return position < each.end; });
  for (; at < end; at = span++->end)
    out.append(std::string_view(text_).substr(at, std::min(end, span->end) - at), span->style);
  return out;
}

std::string StyledText::shown() const {
  std::string out;
  std::size_t at = 0;
  for (const Span& span : spans_) {
    const std::string_view piece = std::string_view(text_).substr(at, span.end - at);
    if (span.style == Style{})
      out += piece;
    else
      out.append(escape_of(span.style)).append(piece).append("\x1b[0m");
    at = span.end;
  }
  return out;
}

}  // namespace tachikoma::cli
