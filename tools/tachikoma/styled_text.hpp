// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::cli {

/// The colours that every terminal has, as its user has chosen them.
enum class Color : std::uint8_t { none = 0, red = 31, green = 32, yellow = 33, magenta = 35, cyan = 36 };

struct Style {
  bool bold = false;
  bool faint = false;
  bool italic = false;
  bool underline = false;
  bool strike = false;
  Color color = Color::none;
  bool operator==(const Style&) const = default;
};

/// Text of which each part has a style.
class StyledText {
 public:
  void append(std::string_view text, const Style& style);
  void append(const StyledText& other);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  /// `part`, which is a view into `text()`, with its styles.
  StyledText part(std::string_view part) const;
  /// All of it, with the escape sequences that a terminal takes for its styles.
  std::string shown() const;

 private:
  struct Span {
    std::size_t end;
    Style style;
  };
  std::string text_;
  std::vector<Span> spans_;
};

}  // namespace tachikoma::cli
